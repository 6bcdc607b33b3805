"""What reading a file of arrays, .npz, raises where it is damaged or made to do harm. Needs nothing but Python."""

from __future__ import annotations

import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
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


def kept(path: Path, make: Callable[[], Mapping[str, np.ndarray]]) -> Mapping[str, np.ndarray]:
    """The arrays of a file; where there is none, or a damaged one, those that `make` gives, which it then holds.

    Args:
        path: Ends in `.npz`; its name tells everything that the arrays depend on, so that it never goes stale.
        make: Computes them, by name.

    Raises:
        TrainingError: the file cannot be written.
    """
    with suppress(*DAMAGE), np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
    arrays = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, open(partial, "wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        reason = error.strerror or error
        raise TrainingError(
            f"{path}: cannot be written ({reason}); make room there, or take the files elsewhere"
        ) from None
    return arrays
