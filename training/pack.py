"""Pack: all that a fit needs of a dataset, in one small file that NumPy alone reads."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from training.codec import decode, encode
from training.errors import TrainingError
from training.examples import Examples

_FORMAT = 1
_DROP = 2  # bits: 33 MB for FER2013, off by one grey level on average

_DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error)


def write_pack(
    path: Path, training: Examples, validation: Examples, about: Mapping[str, Any], lossless: bool = False
) -> None:
    """Write examples to one .npz file, whole or not at all.

    Grey pictures, uint8 (n, height, width, 1), are kept once each and are off by 2 grey levels at most (`lossless`: not
    at all); any other feature is kept exactly.

    Args:
        path: The file.
        training: What is to be learnt from.
        validation: What the best epoch is to be chosen on.
        about: Said of it: the feature's name and version under "feature", the dataset's name and hash under "dataset".
        lossless: Keep pictures exactly.

    Raises:
        TrainingError: the folder cannot be written.
    """
    features = np.concatenate([training.features, validation.features])
    about = dict(about) | {"format": _FORMAT, "training": len(training), "validation": len(validation)}
    arrays = {
        "labels": np.concatenate([training.labels, validation.labels]).astype(np.uint8),
        "votes": np.concatenate([training.votes, validation.votes]).astype(np.uint8),
    }
    if features.dtype == np.uint8 and features.ndim == 4 and features.shape[3] == 1:
        drop = 0 if lossless else _DROP
        first, arrays["pictures_row"] = _distinct(features)
        arrays["pictures"] = np.frombuffer(encode(features[first, :, :, 0], drop), np.uint8)
        about["pictures"] = {"shape": [len(first), *features.shape[1:3]], "drop": drop}
        save = np.savez
    else:
        arrays["features"] = features
        save = np.savez_compressed
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as stream:
            save(stream, **arrays)
        partial.replace(path)
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    finally:
        partial.unlink(missing_ok=True)


def read_pack(path: Path) -> tuple[Examples, Examples, dict[str, Any]]:
    """What `write_pack` wrote: what to learn from, what to choose on, and what is said of it.

    Raises:
        TrainingError: the file is missing, damaged, or no pack.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; make it with `python -m training pack --data D --out {path}`")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        about = json.loads(arrays["about"].tobytes())
        if about["format"] != _FORMAT:
            raise ValueError(f"it is of format {about['format']}, and this version reads {_FORMAT}")
        features = arrays["features"] if "features" in arrays else _pictures(arrays, about["pictures"])
        whole = Examples(features, arrays["labels"].astype(np.int64), arrays["votes"])
        split, total = about["training"], about["training"] + about["validation"]
        if not len(features) == len(whole.labels) == len(whole.votes) == total:
            raise ValueError("its columns are not equally long")
        _ = about["feature"]["name"], about["dataset"]["hash"]
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        raise TrainingError(f"{path}: not readable as a pack ({error}); make it anew with `training pack`") from None
    return whole[:split], whole[split:], about


def _distinct(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows (m,) at which each distinct picture stands first, and for each row (n,) which of these it is."""
    place: dict[bytes, int] = {}
    rows = np.array([place.setdefault(picture.tobytes(), len(place)) for picture in features], np.int32)
    return np.unique(rows, return_index=True)[1], rows


def _pictures(arrays: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> np.ndarray:
    pictures = decode(arrays["pictures"].tobytes(), tuple(told["shape"]), told["drop"])
    return pictures[arrays["pictures_row"]][..., None]
