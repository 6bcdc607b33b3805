"""Process that reads inputs and prints a result for each: `python -m benchmarks.fuzz.reader SEED NUMBER…`.

It is a process of its own, so that an input that kills it is known and harms nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterable

from benchmarks.fuzz.inputs import Inputs
from benchmarks.measuring import resident_bytes
from benchmarks.pictures import frame
from core.errors import MienError
from core.recognizer import Recognizer


def read_inputs(seed: int, numbers: Iterable[int]) -> None:
    """Read inputs by number; print an empty JSON object when ready, and one object a line for each input."""
    recognizer, inputs = Recognizer(), Inputs(seed)
    assert recognizer.read(frame())  # warms the networks, and shows that a face is found
    _print({})
    for number in numbers:
        _print(_read(recognizer, number, *inputs.make(number)))


def _read(recognizer: Recognizer, number: int, kind: str, data: bytes) -> dict:
    row = {"number": number, "kind": kind, "bytes": len(data), "megapixels": 0.0, "faces": 0, "fault": ""}
    start = time.perf_counter()
    try:
        found = recognizer.read_frame(data)
        row |= {"megapixels": found.width * found.height / 1e6, "faces": len(found.readings), "outcome": "read"}
    except MienError as error:
        row["outcome"] = "refused"
        if "\n" in str(error) or not str(error):
            row["fault"] = f"not one sentence: {str(error)[:200]!r}"
    except BaseException as error:  # no user should meet any other error
        place = traceback.extract_tb(error.__traceback__)[-1]
        row |= {"outcome": "foreign", "fault": f"{error!r:.200} at {place.filename}:{place.lineno}"}
    return row | {"seconds": time.perf_counter() - start, "resident": resident_bytes(os.getpid())}


def _print(row: dict) -> None:
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    read_inputs(int(sys.argv[1]), map(int, sys.argv[2:]))
