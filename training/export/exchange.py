"""Two paths that change places at one stroke, so that nobody ever finds neither."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_HERE = -100  # AT_FDCWD: paths are as this process sees them
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchange(one: Path, other: Path) -> None:
    """Let two paths of one file system, both there, change places.

    Python has no such call. Where the system has none either, there are three steps with a moment between them.

    Raises:
        OSError: they cannot be renamed; then both stand where they stood.
    """
    if _swapped(os.fsencode(one), os.fsencode(other)):
        return
    aside = one.with_name(f"{one.name}.aside")
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)


def _swapped(one: bytes, other: bytes) -> bool:
    libc = ctypes.CDLL(None) if os.name == "posix" else None
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        return libc.renameat2(_HERE, one, _HERE, other, _SWAP) == 0
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        return libc.renamex_np(one, other, _SWAP) == 0
    return False
