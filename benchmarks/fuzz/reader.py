"""A process that reads inputs and tells what came of each: `python -m benchmarks.fuzz.reader SEED NUMBER…`.

It is a process of its own so that an input that kills it is known, and kills nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterable

from benchmarks.fuzz.inputs import Inputs
from benchmarks.fuzz.targets import OURS
from benchmarks.measuring import resident_bytes
from benchmarks.pictures import frame
from core.recognizer import Recognizer


def tell(seed: int, numbers: Iterable[int]) -> None:
    """Print a line of JSON before all, and one for each input."""
    recognizer, inputs = Recognizer(), Inputs(seed)
    assert recognizer.read(frame())  # warm, and able to find a face
    _say({})
    for number in numbers:
        _say(_read(recognizer, number, *inputs.make(number)))


def _read(recognizer: Recognizer, number: int, kind: str, data: bytes) -> dict:
    told = {"number": number, "kind": kind, "bytes": len(data), "megapixels": 0.0, "faces": 0, "fault": ""}
    start = time.perf_counter()
    try:
        found = recognizer.read_frame(data)
        told |= {"megapixels": found.width * found.height / 1e6, "faces": len(found.readings), "outcome": "read"}
    except OURS as error:
        told["outcome"] = "refused"
        if "\n" in str(error) or not str(error):
            told["fault"] = f"not one sentence: {str(error)[:200]!r}"
    except BaseException as error:  # whatever it is, it is not what a user should meet
        place = traceback.extract_tb(error.__traceback__)[-1]
        told |= {"outcome": "foreign", "fault": f"{error!r:.200} at {place.filename}:{place.lineno}"}
    return told | {"seconds": time.perf_counter() - start, "resident": resident_bytes(os.getpid())}


def _say(told: dict) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    tell(int(sys.argv[1]), map(int, sys.argv[2:]))
