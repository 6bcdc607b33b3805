"""Mien as its wheel installs it: photos are read as `mien read` reads them, frames as those of a stream.

An argument names the model; without one it is the default model.
"""

import sys

from conversation import converse
from mien import Recognizer

recognizer = Recognizer(*sys.argv[1:], search="thorough")


def answer(picture, kind):
    recognizer.search = "quick" if kind == "frame" else "thorough"
    readings = recognizer.read(picture[:, :, ::-1].copy())
    return (max(readings, key=lambda reading: reading.face.box[2]).label if readings else None), len(readings)


converse(answer)
