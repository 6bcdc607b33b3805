"""The loops that `plain_loops` compares, each in a process of its own on one core.

    python -m benchmarks.speed.loops NAME DATASET COUNT

Prints one JSON object: `images` (number), `seconds` (without the start of the process), `found` (images with an
answer), `looks` (runs of the network) and `looks_s` (the seconds of these; 0 where they are not timed apart).
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.faces import landmarker
from core.features import FEATURES
from core.inference.artifact import Artifact
from core.inference.installed import default_model
from core.model_store import folder_of
from core.runtime import assets
from core.runtime.mediapipe_guard import load_vision, native_logs_hidden


class Result(NamedTuple):
    """What a loop did, as the module's text says."""

    images: int
    seconds: float
    found: int
    looks: int
    looks_s: float = 0.0


def _mesh_plain(dataset: Path, count: int, movements: bool) -> Result:
    """The tutorials' loop: one FaceLandmarker, one enlarged picture after the other."""
    import cv2

    vision = load_vision()
    options = vision.FaceLandmarkerOptions(
        vision.BaseOptions(model_asset_path=str(assets.path_of(assets.FACE_LANDMARKER))),
        output_face_blendshapes=movements,
    )
    found = 0
    with vision.FaceLandmarker.create_from_options(options) as mediapipe:
        images = _images(dataset, count)
        start = time.perf_counter()
        for image in images:
            large = cv2.resize(image, (192, 192), interpolation=cv2.INTER_CUBIC)
            result = mediapipe.detect(vision.Image(image_format=vision.ImageFormat.SRGB, data=large))
            found += bool(result.face_landmarks)
        return Result(len(images), time.perf_counter() - start, found, len(images))


def _mesh_mien(dataset: Path, count: int, feature: str) -> Result:
    """Mien's way: what `python -m training extract FEATURE --jobs 1` does."""
    from training.datasets import Sample, write_dataset
    from training.features.extract import extract

    look, looks_s = landmarker.look, []

    def timed(*arguments):
        start = time.perf_counter()
        try:
            return look(*arguments)
        finally:
            looks_s.append(time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as name:
        samples = (Sample(image=image, label=0, split="training") for image in _images(dataset, count))
        write_dataset(samples, Path(name) / "part.parquet")
        FEATURES[feature].compute(np.zeros((48, 48, 3), np.uint8))  # the model file is opened
        landmarker.look = timed  # this process does nothing else
        result = extract(FEATURES[feature], Path(name) / "part.parquet", Path(name) / "table.parquet", jobs=1)
    return Result(result.images, result.seconds, result.found, len(looks_s), sum(looks_s))


def mesh_plain(dataset: Path, count: int) -> Result:
    """FaceLandmarker's points."""
    return _mesh_plain(dataset, count, movements=False)


def mesh_mien(dataset: Path, count: int) -> Result:
    """The points that models read."""
    return _mesh_mien(dataset, count, "landmarks")


def movements_plain(dataset: Path, count: int) -> Result:
    """FaceLandmarker's points and movements."""
    return _mesh_plain(dataset, count, movements=True)


def movements_mien(dataset: Path, count: int) -> Result:
    """The larger network's points, and the movements."""
    return _mesh_mien(dataset, count, "blendshapes")


def predict_plain(dataset: Path, count: int) -> Result:
    """The tutorials' loop: Keras's `model.predict` for one picture after the other."""
    from core.recipes import get_recipe

    features = _features(dataset, count)
    card = Artifact(folder_of(default_model())).card
    recipe = get_recipe(card.recipe)
    known = {field.name for field in dataclasses.fields(recipe.settings)}
    settings = recipe.settings(**{name: value for name, value in card.settings.items() if name in known})
    model = recipe.build(settings)  # untrained, since weights make no difference to the time
    model.predict(features[:1], verbose=0)
    start = time.perf_counter()
    for feature in features:
        model.predict(feature[None], verbose=0)
    return Result(len(features), time.perf_counter() - start, len(features), len(features))


def predict_mien(dataset: Path, count: int) -> Result:
    """Mien's way: the same model exported and run in batches, as in `evaluate`."""
    features = _features(dataset, count)
    artifact = Artifact(folder_of(default_model()), threads=1)
    artifact.predict(features[:1])
    start = time.perf_counter()
    artifact.predict(features)
    return Result(len(features), time.perf_counter() - start, len(features), len(features))


LOOPS: dict[str, Callable[[Path, int], Result]] = {
    loop.__name__: loop
    for loop in (mesh_plain, mesh_mien, movements_plain, movements_mien, predict_plain, predict_mien)
}


def _images(dataset: Path, count: int) -> np.ndarray:
    from training.datasets import Dataset

    return Dataset.load(dataset, ("public-test",)).images[:count].copy()


def _features(dataset: Path, count: int) -> np.ndarray:
    feature = FEATURES[Artifact(folder_of(default_model())).card.feature["name"]]
    return np.stack(list(_computed(feature, _images(dataset, count))))


def _computed(feature, images: np.ndarray) -> Iterator[np.ndarray]:
    for image in images:
        if (value := feature.compute(image)) is not None:
            yield value


def main() -> None:
    """Run one loop on one core and print its result."""
    name, dataset, count = sys.argv[1:]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    with native_logs_hidden():
        result = LOOPS[name](Path(dataset), int(count))
    print(json.dumps(result._asdict()))


if __name__ == "__main__":
    main()
