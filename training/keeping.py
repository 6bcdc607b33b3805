"""Arrays that took long to compute, kept on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from training.damage import DAMAGE
from training.errors import TrainingError


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
    partial = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(partial, **arrays)
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise TrainingError(
            f"{path}: cannot be written ({reason}); make room there, or take the files elsewhere"
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return arrays
