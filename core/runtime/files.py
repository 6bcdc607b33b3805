"""Writing a file so that readers see the old one or the new one, whole, and never a part; and never over an input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import MienError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; when the block ends, the file there replaces `path` in one step.

    After an error in the block `path` is as it was, and what was written is deleted. The temporary path lies in the
    same folder, which must exist, and its name begins with a dot and ends in `.partial`.

    Args:
        path: The file to write.

    Yields:
        The temporary path.

    Raises:
        OSError: The temporary file cannot replace `path`.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder, "notes.txt")) as partial:
        ...         _ = partial.write_text("whole")
        ...     Path(folder, "notes.txt").read_text()
        'whole'
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a text (as UTF-8) or bytes to a file, whole or not at all; see `replacing`.

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def keep_inputs(targets: Iterable[Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse to write over what is read, under whatever name or link; to be called before anything is read.

    Args:
        targets: Files that are to be written; None is left out.
        inputs: Files and folders that are read; None, and those that are not there, are left out.

    Raises:
        MienError: A target is one of the inputs.
    """
    existing = {_identity(target): target for target in targets if target and target.exists()}
    for path in inputs if existing else ():
        with suppress(OSError):  # an input that is not there is told when it is read
            if path and (target := existing.get(_identity(path))):
                raise MienError(f"{target}: is one of the files to read and would be replaced; choose another name")


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
