"""Write the list of packages that the image installs: `python deploy/lock.py`, after `make lock` and installing it."""

import sys
from pathlib import Path

# Python puts only this script's own folder on the path.
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packaging"))

import locked  # noqa: E402

NEEDED = (
    "ai-edge-litert",
    "av",
    "mediapipe",
    "numpy",
    "opencv-python-headless",
    "pandas",
    "pi-heif",
    "pillow",
    "platformdirs",
    "plotly",
    "pooch",
    "pyarrow",
    "requests",
    "scikit-learn",
    "scipy",
    "skops",
    "streamlit",
    "streamlit-webrtc",
    "tqdm",
    "typer",
    "xlsxwriter",
)
"""What the engine and the pages for strangers import."""

PATH = ROOT / "deploy" / "requirements.txt"
_HEAD = "# Written by deploy/lock.py from the project's requirements.txt: the part that serving needs.\n"


def text() -> str:
    """What the file has to say."""
    lines = locked.pins((ROOT / "requirements.txt").read_text(), NEEDED)
    return _HEAD + "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    PATH.write_text(text())
