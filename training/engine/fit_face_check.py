"""The second opinion on doubtful faces: what `core.faces.face_check` weighs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.faces import alignment
from core.faces.detector import SIZE, Detector
from core.faces.face_check import oriented_gradients
from core.faces.finder import crop_of
from core.faces.geometry import mirrored, window
from core.faces.pyramid import Pyramid
from core.runtime.files import replacing
from training.datasets import Dataset
from training.engine.synthetic_nonfaces import SIDE, nonface
from training.engine.synthetic_photos import pasted
from training.errors import TrainingError

LOOKS = 5
"""How often the detector looks for faces in each picture that has none."""

# Pieces of a face that are none: side of the window in units of the crop, how far off centre, turn in degrees.
_MISFRAMED = (
    ((1.8, 3.0), (0.0, 0.4), (-15, 15)),
    ((0.3, 0.55), (0.0, 0.4), (-15, 15)),
    ((0.7, 1.4), (0.4, 0.8), (-15, 15)),
    ((1.0, 1.0), (0.0, 0.0), (60, 300)),
)


@dataclass(frozen=True)
class FittedCheck:
    """How many crops of each kind the weights were fitted to."""

    faces: int
    others: int


def fit_face_check(
    dataset: Path,
    out: Path,
    images: int = 3000,
    seed: int = 0,
    each: Callable[[Iterable], Iterable] = iter,
) -> FittedCheck:
    """Write the weights that tell faces from what is none, as npy.

    Faces are those of Training, pasted into made-up places and laid as the detector sees them there. The others are
    what the detector takes for a face in a third as many pictures without one, random patches of these, and pieces of
    faces: too near, too far, off centre, upside down.

    Args:
        dataset: File that `training import` wrote.
        out: The file to write.
        images: How many of the Training images to take.
        seed: Which images, places and looks.
        each: Wraps the loop over the images, to show progress.

    Raises:
        DatasetError: the file cannot be used.
        TrainingError: the split has fewer images, or the detector sees a face in none of them.
        AssetError: the detector's model file cannot be had.
    """
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    rows = Dataset.load(dataset, ("training",))
    images_there = rows.images[rows.found]
    if len(images_there) < images:
        raise TrainingError(f"{dataset}: {len(images_there)} faces of training; give a smaller --images")
    detector, places = Detector(), _places(images // 3, rng)
    faces, others = [], [crop for place in places for crop in _taken_for_faces(place, detector, rng)]
    for image in each(images_there[rng.permutation(len(images_there))[:images]]):
        ground = places[rng.integers(len(places))]
        seen, missed = _looked_at(image, ground, detector, rng)
        faces += seen
        others += missed
    if not faces:
        raise TrainingError(f"{dataset}: the detector sees no face in any of {images} images of training")
    both = [side for crop in faces + others for side in (crop, crop[:, ::-1])]
    is_face = np.repeat([True, False], [2 * len(faces), 2 * len(others)])
    model = LogisticRegression(C=0.3, max_iter=500, class_weight="balanced")
    model.fit(np.array([oriented_gradients(np.ascontiguousarray(crop)) for crop in both]), is_face)
    with replacing(out) as partial, partial.open("wb") as file:
        np.save(file, np.append(model.coef_[0], model.intercept_).astype(np.float32))
    return FittedCheck(len(faces), len(others))


def _places(count: int, rng: np.random.Generator) -> list[Pyramid]:
    """Pictures without a face: made up, and for every eight of them a look at scikit-learn's two photographs."""
    from sklearn.datasets import load_sample_images

    photographs = [Pyramid(picture) for picture in load_sample_images().images]
    return [Pyramid(nonface(rng)) for _ in range(count)] + photographs * (count // 8)


def _taken_for_faces(place: Pyramid, detector: Detector, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """A patch, and all that the detector takes for a face."""
    yield place.cut(_somewhere(place, alignment.SIDE, rng, 0.4), alignment.SIDE)
    for _ in range(LOOKS):
        for detection in detector.detect(place, _somewhere(place, SIZE, rng)):
            yield crop_of(place, detection)


def _looked_at(
    image: np.ndarray, ground: Pyramid, detector: Detector, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Crops of an image pasted into a place: as a face, and as what is none, by sight and by chance."""
    side = float(np.exp(rng.uniform(np.log(24), np.log(130))))
    centre = np.full(2, SIDE / 2)
    picture = Pyramid(pasted(image, lambda rng: ground.cut(_somewhere(ground, SIDE, rng), SIDE), centre, side, rng))
    near = centre + rng.normal(0, 0.08, 2) * side
    view = window(tuple(near), side * np.exp(rng.uniform(0, 0.8)), SIZE, turn=rng.uniform(-25, 25))
    faces, others = [], []
    for detection in detector.detect(picture, mirrored(view, SIZE) if rng.random() < 0.5 else view):
        off = np.hypot(*(detection.box[:2] + detection.box[2:] / 2 - centre)) / side
        scale = detection.box[2] / side
        if off < 0.25 and 0.5 < scale < 1.2:
            faces.append(crop_of(picture, detection))
        elif off > 0.45 or not 0.35 < scale < 1.8:
            others.append(crop_of(picture, detection))
    if rng.random() < 0.5:
        scale, shift, turn = (rng.uniform(*span) for span in _MISFRAMED[rng.integers(len(_MISFRAMED))])
        angle = rng.uniform(0, 2 * np.pi)
        x, y = centre + shift * side * np.array([np.cos(angle), np.sin(angle)])
        others.append(picture.cut(window((x, y), scale * side, alignment.SIDE, turn=turn), alignment.SIDE))
    return faces, others


def _somewhere(place: Pyramid, size: int, rng: np.random.Generator, part: float = 1.0) -> np.ndarray:
    """The map onto a patch from a window of any place, size and turn; smaller by `part`."""
    centre = rng.uniform((0, 0), (place.width, place.height))
    side = np.exp(rng.uniform(np.log(40), np.log(300))) * part
    return window(tuple(centre), side, size, turn=rng.uniform(0, 360))
