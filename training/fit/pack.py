"""Pack: all that a fit needs of a dataset, in one small file that NumPy alone reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.layout import Layout
from core.runtime.files import replacing
from training.errors import TrainingError
from training.files import DAMAGE
from training.fit.examples import Examples
from training.fit.plan import Material

_FORMAT = 3
_WHOLE = "features"  # name of the one array of features without a layout
_DROPPED_BITS = 2  # of each grey level: FER2013's pictures take 41 MB instead of 56
_STEPS = 100  # in a standard deviation: FER2013's meshes take 5 MB instead of 158
_ROWS = 4096  # at a time, so that copies in float64 stay small


def write_pack(
    path: Path, material: Material, lossless: bool = False, layout: Layout | None = None
) -> dict[str, dict[str, float]]:
    """Write what is to be fitted on to one .npz file, whole or not at all.

    Each face is kept once. Grey pictures (n, height, width, 1) are off by 2 grey levels at most. Other numbers that
    vary are kept as their principal components, off by about a thousandth of their standard deviation.

    Args:
        path: The file.
        material: The examples to learn from, and those to choose the best epoch on.
        lossless: Keep every number exactly.
        layout: Layout of features that are several arrays end to end; each of these is then encoded by itself.

    Returns:
        By array, how far its numbers are off: "most_off" and "mean_off".

    Raises:
        TrainingError: The folder cannot be written.
    """
    training, choice = material.training, material.choice
    features = np.concatenate([training.features, choice.features])
    first, row = _distinct(features)
    arrays = {
        "labels": np.concatenate([training.labels, choice.labels]).astype(np.uint8),
        "votes": np.concatenate([training.votes, choice.votes]).astype(np.uint8),
        "row": row,
    }
    if training.soft_labels is not None:
        arrays["soft_labels"] = training.soft_labels.astype(np.float16)
    parts = layout.split(features[first]) if layout else {_WHOLE: features[first]}
    loss = {}
    for name, values in parts.items():
        encoded = _encoded(values, lossless)
        off = np.abs(np.subtract(_decoded(encoded), values, dtype=np.float32))
        loss[name] = {"most_off": float(off.max()), "mean_off": float(off.mean())}
        arrays |= {f"{name}.{part}": array for part, array in encoded.items()}
    about = {"format": _FORMAT, "training": len(training), "arrays": list(parts)}
    about |= {"feature": dict(material.feature), "dataset": material.identity()}
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, open(partial, "wb") as stream:
            np.savez_compressed(stream, **arrays)
    except OSError as error:
        raise TrainingError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    return loss


def read_pack(path: Path) -> Material:
    """Read what `write_pack` wrote.

    Raises:
        TrainingError: The file is missing, damaged, or no pack.
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
        if not len(whole.features) == len(whole.labels) == len(whole.votes):
            raise ValueError("its columns are not equally long")
        training, choice = whole[: about["training"]], whole[about["training"] :]
        if "soft_labels" in arrays:
            training = Examples(
                training.features, training.labels, training.votes, arrays["soft_labels"].astype(np.float32)
            )
        data = about["dataset"]
        _ = about["feature"]["name"]
        return Material(
            Path(data["name"]), data["hash"], about["feature"], training, choice, dict(data.get("teachers", {}))
        )
    except (*DAMAGE, TypeError, AttributeError) as error:
        raise TrainingError(
            f"{path}: not readable as a pack ({error}); make it again with `python -m training pack`"
        ) from None


def _features(arrays: Mapping[str, np.ndarray], names: list[str]) -> np.ndarray:
    encoded: dict[str, dict[str, np.ndarray]] = {name: {} for name in names}
    for key, array in arrays.items():
        name, _, part = key.partition(".")
        if part:
            encoded[name][part] = array
    parts = [_decoded(each) for each in encoded.values()]
    if names == [_WHOLE]:
        return parts[0][arrays["row"]]
    flat = [values.reshape(len(values), -1) for values in parts]
    return np.concatenate(flat, axis=1, dtype=np.float32)[arrays["row"]]


def _distinct(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows (m,) at which each distinct face stands first, and for each row (n,) which of these it is."""
    place: dict[bytes, int] = {}
    digests = (hashlib.sha256(np.ascontiguousarray(face)).digest() for face in features)
    row = np.array([place.setdefault(digest, len(place)) for digest in digests], np.int32)
    return np.unique(row, return_index=True)[1], row


def _encoded(values: np.ndarray, lossless: bool) -> dict[str, np.ndarray]:
    """Arrays that deflate well and of which `_decoded` makes the values (n, ...)."""
    if values.ndim == 4 and values.shape[3] == 1 and (values == values.astype(np.uint8)).all():
        drop = 0 if lossless else _DROPPED_BITS
        kept = values.astype(np.uint8) >> np.uint8(drop)
        return {"differences": np.diff(kept, axis=2, prepend=np.uint8(0)), "drop": np.uint8(drop)}
    varies = np.issubdtype(values.dtype, np.floating) and values[0].size > 1 and 0 < values.std() < np.inf
    return {"values": values} if lossless or not varies else _components(values)


def _components(values: np.ndarray) -> dict[str, np.ndarray]:
    """How much of each principal component (Pearson 1901) is in each vector, in whole steps.

    The components are taken about zero, so that a vector of zeros stays one.
    """
    flat = values.reshape(len(values), -1).astype(np.float32)
    step = values.std(dtype=np.float64) / _STEPS
    products = np.zeros((flat.shape[1], flat.shape[1]))
    for start in range(0, len(flat), _ROWS):
        part = flat[start : start + _ROWS].astype(np.float64)
        products += part.T @ part
    squares, axes = np.linalg.eigh(products / len(flat))
    basis = np.ascontiguousarray(axes[:, squares > (step / 4) ** 2].T[::-1], np.float32)
    amounts = np.rint(basis @ flat.T / np.float32(step))  # a component's amounts side by side deflate best
    if np.abs(amounts).max(initial=0) > np.iinfo(np.int16).max:
        return {"values": values}
    return {"basis": basis, "step": step, "amounts": amounts.astype(np.int16), "shape": np.array(values.shape)}


def _decoded(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Make the values that `_encoded` took, in another dtype perhaps.

    Raises:
        ValueError, LookupError, TypeError: The arrays are not what `_encoded` gave.
    """
    if "values" in arrays:
        return arrays["values"]
    if "differences" in arrays:
        drop = int(arrays["drop"])
        middle = (1 << drop) // 2  # of the levels that share the bits that were kept
        return (np.cumsum(arrays["differences"], axis=2, dtype=np.uint8) << np.uint8(drop)) + np.uint8(middle)
    amounts = arrays["amounts"].T.astype(np.float32) * np.float32(arrays["step"])
    return (amounts @ arrays["basis"]).reshape(arrays["shape"])
