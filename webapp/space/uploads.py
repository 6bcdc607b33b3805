"""The folder where visitors' pictures lie while they are looked at: private, and soon empty again."""

import atexit
import functools
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from core.errors import MienError

KEPT_MINUTES = 10

DELETE_CACHE = (60, KEPT_MINUTES * 60)
"""For `gr.Blocks`: how often it looks for old files, and how old they must be, in seconds."""


@functools.cache
def folder() -> str:
    """Path of the folder, made at the first call for this process alone and gone when it ends."""
    path = tempfile.mkdtemp(prefix="mien-space-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


class UploadError(MienError):
    """What was sent is no picture that a visitor uploaded, or not one any more."""


def path_of(upload: dict) -> Path:
    """Where an uploaded picture lies.

    Args:
        upload: Gradio's file, as it came. What it calls its path is the sender's word, and Gradio does not always check
            it: only what lies in this folder is a visitor's to have read.

    Raises:
        UploadError: it lies elsewhere.
    """
    path = Path(str(upload.get("path"))).resolve()
    if not path.is_relative_to(Path(folder()).resolve()):
        raise UploadError("This is no uploaded picture: send the file itself.")
    return path


def read(path: Path) -> bytes:
    """The file of an uploaded picture.

    Raises:
        UploadError: it is deleted.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UploadError(f"This picture is deleted, {KEPT_MINUTES} minutes after it came: give it again.") from None


def end_with_the_server() -> None:
    """Let a server that is told to stop end as Python ends, which is when the folder goes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
