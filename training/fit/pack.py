"""Pack: all that a fit needs of a dataset, in one small file that NumPy alone reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.layout import Layout
from training.errors import TrainingError
from training.files import DAMAGE
from training.fit.examples import Examples
from training.fit.pack_codecs import decode_column, encode_column

_FORMAT = 2


def write_pack(
    path: Path,
    training: Examples,
    validation: Examples,
    about: Mapping[str, Any],
    lossless: bool = False,
    layout: Layout | None = None,
) -> dict[str, Any]:
    """Write examples to one .npz file, whole or not at all.

    Each face is kept once. Grey pictures (n, height, width, 1) are off by 2 grey levels at most, other numbers that
    vary by 1/200 of their standard deviation, and where it is `lossless`, nothing is.

    Args:
        path: The file.
        training: What is to be learnt from.
        validation: What the best epoch is to be chosen on.
        about: Said of it: the feature's name and version under "feature", the dataset's name and hash under "dataset".
        lossless: Keep every number exactly.
        layout: Of features that are several arrays end to end, each of which is then kept in its own way.

    Returns:
        What the file says of itself: `about` and, under "arrays", for each array the codec and how far it is off, at
        most and on average.

    Raises:
        TrainingError: the folder cannot be written.
    """
    features = np.concatenate([training.features, validation.features])
    first, row = _distinct(features)
    told = {"format": _FORMAT, "training": len(training), "validation": len(validation), "arrays": {}}
    arrays = {
        "labels": np.concatenate([training.labels, validation.labels]).astype(np.uint8),
        "votes": np.concatenate([training.votes, validation.votes]).astype(np.uint8),
        "row": row,
    }
    if training.taught is not None:
        arrays["taught"] = training.taught.astype(np.float16)
    for name, values in _parts(features[first], layout).items():
        codec, encoded = encode_column(values, lossless)
        off = np.abs(np.subtract(decode_column(codec, encoded), values, dtype=np.float32))
        told["arrays"][name] = {"codec": codec, "most_off": float(off.max()), "mean_off": float(off.mean())}
        arrays |= {f"{name}.{part}": array for part, array in encoded.items()}
    about = dict(about) | told
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as stream:
            np.savez_compressed(stream, **arrays)
        partial.replace(path)
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    finally:
        partial.unlink(missing_ok=True)
    return about


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
        whole = Examples(_features(arrays, about["arrays"]), arrays["labels"].astype(np.int64), arrays["votes"])
        split, total = about["training"], about["training"] + about["validation"]
        if not len(whole.features) == len(whole.labels) == len(whole.votes) == total:
            raise ValueError("its columns are not equally long")
        _ = about["feature"]["name"], about["dataset"]["hash"]
    except (*DAMAGE, TypeError, AttributeError) as error:
        raise TrainingError(f"{path}: not readable as a pack ({error}); make it anew with `training pack`") from None
    training = whole[:split]
    if "taught" in arrays:
        training = replace(training, taught=arrays["taught"].astype(np.float32))
    return training, whole[split:], about


_ALL = "features"  # name of the one array of features without a layout


def _parts(features: np.ndarray, layout: Layout | None) -> dict[str, np.ndarray]:
    return layout.split(features) if layout else {_ALL: features}


def _features(arrays: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> np.ndarray:
    encoded = {name: {} for name in told}
    for key, array in arrays.items():
        name, _, part = key.partition(".")
        if part:
            encoded[name][part] = array
    parts = {name: decode_column(about["codec"], encoded[name]) for name, about in told.items()}
    if set(parts) == {_ALL}:
        return parts[_ALL][arrays["row"]]
    flat = [values.reshape(len(values), -1) for values in parts.values()]
    return np.concatenate(flat, axis=1, dtype=np.float32)[arrays["row"]]


def _distinct(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows (m,) at which each distinct face stands first, and for each row (n,) which of these it is."""
    place: dict[bytes, int] = {}
    digests = (hashlib.sha256(np.ascontiguousarray(face)).digest() for face in features)
    row = np.array([place.setdefault(digest, len(place)) for digest in digests], np.int32)
    return np.unique(row, return_index=True)[1], row
