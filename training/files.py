"""Arrays kept in .npz files, seals of files, and the errors that reading a damaged file raises. Needs NumPy alone."""

from __future__ import annotations

import hashlib
import lzma
import mmap
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.runtime.files import replacing
from training.errors import TrainingError

DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,  # a password, or a kind of zip that Python does not know
    MemoryError,  # a shape that no machine holds
    SyntaxError,  # NumPy reads the header of an array as Python writes it
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
"""What reading a .npz file raises that is damaged or was made to do harm."""


UNSEALED = b"0" * 64
"""Holds the place of a file's seal until `seal` puts it there."""


def seal(path: Path) -> None:
    """Put the SHA-256 of a file into it, where `UNSEALED` stands last, so that damage is seen before it is read.

    Args:
        path: A file that holds `UNSEALED` once.
    """
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        place = content.rfind(UNSEALED)
        content[place : place + len(UNSEALED)] = hashlib.sha256(content).hexdigest().encode()


def is_sealed(path: Path, sealed: bytes) -> bool:
    """Whether a file is as it was when `seal` gave it its seal; looked up again once the file changes.

    Args:
        path: The file.
        sealed: The seal that `seal` gave it, 64 hexadecimal digits.
    """
    status = path.stat()
    return _is_sealed(path, sealed, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _is_sealed(path: Path, sealed: bytes, size: int, changed_ns: int) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if (place := content.rfind(sealed)) < 0:
            return False
        digest = hashlib.sha256(memoryview(content)[:place])
        digest.update(UNSEALED)
        digest.update(memoryview(content)[place + len(UNSEALED) :])
    return digest.hexdigest().encode() == sealed


def kept(path: Path, make: Callable[[], Mapping[str, np.ndarray]]) -> Mapping[str, np.ndarray]:
    """Read the arrays of a file; if there is none, or it is damaged, make the arrays and write the file.

    Args:
        path: The file, which ends in `.npz`; its name contains a hash of all that the arrays depend on, so that it is
            never out of date.
        make: Computes the arrays by name.

    Raises:
        TrainingError: The file cannot be written.
    """
    with suppress(*DAMAGE), np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
    arrays = make()
    write_arrays(path, arrays)
    return arrays


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name into a compressed `.npz` file, whole or not at all; folders are made as needed.

    Raises:
        TrainingError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, open(partial, "wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        reason = error.strerror or error
        raise TrainingError(
            f"{path}: cannot be written ({reason}); free space there, or copy the dataset to another folder"
        ) from None
