"""The private folder for visitors' pictures, which are deleted after minutes."""

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
"""Gradio's `delete_cache`: time between two searches for old files, and their smallest age, in seconds."""


@functools.cache
def folder() -> str:
    """Return the path of the folder; it is made at the first call and deleted when the process ends."""
    path = tempfile.mkdtemp(prefix="mien-space-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


class UploadError(MienError):
    """The file is not a picture that a visitor uploaded, or it is deleted."""


def path_of(upload: dict) -> Path:
    """Return the path of an uploaded picture.

    Args:
        upload: The file, as Gradio passes it. The sender chooses its path, and Gradio does not always check it.

    Raises:
        UploadError: The path is outside the folder of uploads.
    """
    path = Path(str(upload.get("path"))).resolve()
    if not path.is_relative_to(Path(folder()).resolve()):
        raise UploadError("This is not an uploaded picture: send the file itself.")
    return path


def name_of(upload: dict) -> str:
    """Return the name that the sender gave an uploaded picture, "?" where there is none."""
    return str(upload.get("orig_name") or Path(str(upload.get("path") or "?")).name)


def read(path: Path) -> bytes:
    """Return the content of an uploaded picture.

    Raises:
        UploadError: The picture is deleted.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UploadError(f"This picture was deleted after {KEPT_MINUTES} minutes: upload it again.") from None


def end_with_the_server() -> None:
    """Let SIGTERM end the server in the way in which Python deletes the folder."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
