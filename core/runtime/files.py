"""Writing a file so that readers see the old one or the new one, whole, and never a part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
