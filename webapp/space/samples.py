"""Pictures to try the page with: a photograph in the public domain and drawings of our own.

`packaging/space/draw_samples.py` made them.
"""

from pathlib import Path

FOLDER = Path(__file__).parent / "samples"

NOTE = "Eileen Collins, astronaut (photograph: NASA, public domain); the others are drawn by Mien."


def paths() -> list[str]:
    """The files, the photograph first."""
    return sorted(map(str, FOLDER.iterdir()))
