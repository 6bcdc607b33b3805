"""The protocol of a compared program: one request a line on stdin, one answer a line on stdout, both JSON.

A request is `{"picture": PATH, "kind": KIND}`: a "frame" is a picture of 640x480 in which faces have to be found, a
"crop" the 48x48 face itself. An answer is `{"label": NAME, "faces": COUNT, "ms": TIME}`; decoding is not timed.
This file imports only what every program's environment has.
"""

import functools
import json
import sys
import time

import cv2


def converse(answer):
    """Answer requests until stdin ends; `answer(picture, kind)` takes uint8 BGR and gives label and number of faces."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    for line in sys.stdin:
        request = json.loads(line)
        picture = _decoded(request["picture"])
        start = time.perf_counter()
        label, faces = answer(picture, request["kind"])
        milliseconds = (time.perf_counter() - start) * 1e3
        print(json.dumps({"label": label, "faces": faces, "ms": milliseconds}), file=answers, flush=True)


@functools.lru_cache(maxsize=64)
def _decoded(path):
    return cv2.imread(path)
