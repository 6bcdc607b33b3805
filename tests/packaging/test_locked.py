"""The part of a lock that some packages need."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "packaging"))

import locked

LOCK = """# a comment
./packaging/opencv-contrib-python
numpy==2.4.6 ; python_full_version < '3.12'
numpy==2.5.5 ; python_full_version >= '3.12'
opencv-python-headless==5.0.0.93
unrelated==1.0
"""


def test_a_package_brings_what_it_needs_with_every_line_of_it():
    assert locked.pins(LOCK, ["opencv-python-headless"]) == [
        "numpy==2.4.6 ; python_full_version < '3.12'",
        "numpy==2.5.5 ; python_full_version >= '3.12'",
        "opencv-python-headless==5.0.0.93",
    ]


def test_one_package_takes_the_place_of_another():
    lines = locked.pins(LOCK, ["opencv-python-headless"], {"opencv-python-headless": "opencv-contrib-python"})
    assert lines[-1] == "opencv-contrib-python==5.0.0.93"
    assert not any("headless" in line for line in lines)


def test_extras_count_and_what_is_not_locked_is_an_error():
    assert "pyarrow" in locked.needs(["pandas[parquet]"]) - locked.needs(["pandas"])
    with pytest.raises(KeyError):
        locked.pins(LOCK, ["pillow"])
