"""Fitting the small network with which `core.faces.crop_region` sees where in a crop the face lies."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from core.faces.alignment import SIDE
from core.faces.crop_region import TILT
from core.faces.detector import SIZE, Detector
from core.faces.geometry import apply, tilt, window
from core.faces.landmarker import MARGIN, Region, cutter, look
from core.faces.mesh_network import large_network
from core.faces.pyramid import Pyramid
from training.datasets import Dataset
from training.errors import TrainingError
from training.export.formats import write_litert

_VIEWS = (1.4, 2.0, 1.0)
"""Sides of the windows in which the detector looks for a crop's face, in sides of the crop. What lies beyond its edge
is its last row or column, as for the networks of the mesh."""

_CLEAR = 0.02
"""Probability of a face, at the second look, from which its place is learnt."""

_SHIFT, _GROWTH, _TURN = 4.0, 0.15, 15.0
"""How far the faces are displaced at most, so that badly aligned ones are known too: pixels of the crop to each side,
logarithm of the ratio of the sizes, and degrees."""

_BATCH = 64


def fit_crop_region(
    dataset: Path,
    out: Path,
    seed: int = 0,
    epochs: int = 20,
    each: Callable[[Iterable], Iterable] = iter,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Fit the network to the meshes of Training, and write it as a LiteRT file with weights in float16.

    Where a face lies in its crop is what the mesh's larger network says at its second look: the first is where the
    detector finds the face, the second around the points of the first. In every epoch each face is displaced and
    mirrored at random. The feature `landmarks` follows the network: after a fit its version has to rise, and what reads
    it to be fitted again.

    Args:
        dataset: Dataset file.
        out: The `.tflite` file to write.
        seed: The same seed displaces alike and begins with the same weights.
        epochs: Number of passes over the faces.
        each: Wraps the loop over the faces, to show progress.
        say: Called with a line after each epoch.

    Returns:
        Number of faces.

    Raises:
        DatasetError: The file cannot be used.
        TrainingError: No face of its Training split is seen.
        AssetError: A network's file cannot be had.
    """
    import keras

    rows = Dataset.load(dataset, ("training",))
    crops, regions = _meshed(rows.images[rows.found], each)
    if not len(crops):
        raise TrainingError(f"{dataset}: no face is seen in any image of training; give another dataset")
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    network = _network(regions.mean(axis=0))
    batch = min(_BATCH, len(crops))
    steps = epochs * (len(crops) // batch)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=0.02), loss="mean_absolute_error")
    for epoch in range(1, epochs + 1):
        pictures, places = _displaced(crops, regions, rng)
        error = network.fit(pictures, places, batch_size=batch, verbose=0).history["loss"][-1]
        say(f"epoch {epoch}/{epochs}: mean error {error:.4f} of a side")
    _write(network, out)
    return len(crops)


def _meshed(images: np.ndarray, each: Callable[[Iterable], Iterable]) -> tuple[np.ndarray, np.ndarray]:
    """The grey crops (n, 48, 48) in which a face is seen, and where it lies in them, float32 (n, 4)."""
    detector = Detector()
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        seen = list(each(threads.map(lambda image: _region_of(image, detector), images)))
    is_seen = np.array([region is not None for region in seen], bool)
    regions = [_numbers(region) for region in seen if region is not None]
    return images[is_seen][..., 0], np.array(regions, np.float32).reshape(-1, 4)


def _region_of(image: np.ndarray, detector: Detector) -> Region | None:
    """The square around the mesh of a crop; None where no face is seen."""
    pyramid, middle = Pyramid(image), (SIDE / 2, SIDE / 2)
    views = (window(middle, side * SIDE, SIZE) for side in _VIEWS)
    looks = (detector.detect(pyramid, view, cv2.BORDER_REPLICATE) for view in views)
    found = next((faces[0] for faces in looks if faces and faces[0].score >= 0.5), None)
    if found is None:
        return None
    centre = found.box[:2] + found.box[2:] / 2
    region = Region((centre[0], centre[1]), MARGIN * max(found.box[2:]), tilt(*found.points[:2]))
    for _ in range(2):
        points, presence = look(large_network(), cutter(image), region)
        region = Region.around_points(points)
    return region if presence >= _CLEAR else None


def _numbers(region: Region) -> tuple[float, float, float, float]:
    """A region as the network answers it; see `core.faces.crop_region.WEIGHTS_FILE`."""
    x, y = region.centre
    return x / SIDE, y / SIDE, float(np.log(region.side / MARGIN / SIDE)), region.turn / TILT


def _displaced(crops: np.ndarray, regions: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Every crop, half of them mirrored, displaced at random, float32 (n, 48, 48, 1), and where its face lies then."""
    moved = list(_moved(crops, regions, rng))
    return tuple(np.array(part, np.float32) for part in zip(*moved, strict=True))


def _moved(crops: np.ndarray, regions: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for crop, (x, y, log_side, turned) in zip(crops, regions, strict=True):
        if rng.random() < 0.5:
            crop, x, turned = np.ascontiguousarray(crop[:, ::-1]), 1 - x, -turned
        shift, growth = rng.uniform(-_SHIFT, _SHIFT, 2), rng.uniform(-_GROWTH, _GROWTH)
        turn = rng.uniform(-_TURN, _TURN)
        matrix = window(tuple(shift + SIDE / 2), SIDE * np.exp(growth), SIDE, turn=turn)
        picture = cv2.warpAffine(crop, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        ((x, y),) = apply(matrix, np.array([[x, y]]) * SIDE) / SIDE
        yield picture[..., None], np.array([x, y, log_side - growth, turned - turn / TILT])


def _network(usual: np.ndarray):
    """The untrained network: float32 (n, 48, 48, 1), 0 to 255, to float32 (n, 4); it begins at the usual place."""
    import keras
    from keras import layers

    grey = keras.Input((SIDE, SIDE, 1))
    x = layers.Rescaling(1 / 64, -2)(grey)
    for channels, size, stride in ((16, 5, 2), (32, 3, 1), (48, 3, 2), (64, 3, 1), (96, 3, 2), (128, 3, 1)):
        x = layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(layers.Conv2D(32, 1, activation="relu")(x))
    x = layers.Dense(128, activation="relu")(x)
    off = layers.Dense(4, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01))(x)
    return keras.Model(grey, layers.Rescaling(1.0, usual.tolist())(off))


def _write(network, out: Path) -> None:
    import keras

    one = keras.Input((SIDE, SIDE, 1), batch_size=1)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        file = Path(folder, "region.tflite")
        write_litert(keras.Model(one, network(one)), file, "float16")
        file.replace(out)
