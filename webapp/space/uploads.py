"""The private folder for visitors' pictures, which are deleted after minutes."""

import atexit
import functools
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.errors import MienError

KEPT_MINUTES = 10

_SWEEP_S = 60.0


@functools.cache
def folder() -> str:
    """Return the path of the folder; it is made at the first call and deleted when the process ends."""
    path = tempfile.mkdtemp(prefix="mien-space-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


class Sweeper:
    """Deletes files of visitors once they have lain in the folder for `KEPT_MINUTES`.

    Gradio can do so too (`delete_cache`), but compares the time of a file with the clock, so that a clock that is set
    back keeps a picture for longer.

    Args:
        now: A clock that is never set back, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: dict[tuple[Path, int], float] = {}
        self._of_the_page = set(self._files())

    def sweep(self) -> None:
        """Delete what is old enough; a file that was written again counts from then on."""
        now_s, lying = self._now(), set(self._files()) - self._of_the_page
        self._since = {file: self._since.get(file, now_s) for file in lying}
        for (path, _), since_s in self._since.items():
            if now_s - since_s >= KEPT_MINUTES * 60:
                path.unlink(missing_ok=True)

    def start(self) -> None:
        """Sweep from now on, in the background."""
        threading.Thread(target=self._run, name="sweeper", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(_SWEEP_S)
            self.sweep()

    def _files(self) -> list[tuple[Path, int]]:
        """The files in the folder, each with the time of its last change."""
        found = []
        for path in Path(folder()).rglob("*"):
            try:
                if path.is_file():
                    found.append((path, path.stat().st_mtime_ns))
            except FileNotFoundError:  # deleted meanwhile
                continue
        return found


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
