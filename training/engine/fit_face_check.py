"""Fitting the weights with which `core.faces.face_check` tells faces from other things.

First those of the crop's gradients, then those of all evidence together, on other faces and scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.faces import alignment
from core.faces.alignment import crop_of
from core.faces.detector import SIZE, Detection, Detector
from core.faces.face_check import FaceCheck, oriented_gradients
from core.faces.finder import LIKELY_BAR, FaceFinder
from core.faces.geometry import mirrored, window
from core.faces.pyramid import Pyramid
from core.runtime.files import replacing
from training.datasets import Dataset
from training.engine.synthetic_pictures import NONFACE_SIDE, make_nonface, make_photograph, paste
from training.errors import TrainingError

WINDOWS_A_SCENE = 5
"""Number of windows in which the detector looks for faces in each scene without one."""

EVIDENCE_SHARE = 5
"""One of so many images is kept for the weights of the evidence."""

# Badly framed faces, which count as no face. Ranges of: side of the window and distance from the centre, both in units
# of the crop's side, and turn in degrees.
_MISFRAMED = (
    ((1.8, 3.0), (0.0, 0.4), (-15, 15)),
    ((0.3, 0.55), (0.0, 0.4), (-15, 15)),
    ((0.7, 1.4), (0.4, 0.8), (-15, 15)),
    ((1.0, 1.0), (0.0, 0.0), (60, 300)),
)


@dataclass(frozen=True)
class FittedCheck:
    """Numbers of crops that the weights of the gradients were fitted to: of faces and of other things."""

    faces: int
    others: int


def fit_face_check(
    dataset: Path,
    out: Path,
    images: int = 3000,
    seed: int = 0,
    each: Callable[[Iterable], Iterable] = iter,
) -> FittedCheck:
    """Fit weights that tell faces from what the detector takes for one, and write them as npz.

    Faces of Training are pasted into scenes without a face, found there by the detector and aligned. Other crops are
    what the detector takes for a face in a third as many scenes, random patches of these, and badly framed faces: too
    near, too far, off centre, upside down. The evidence is weighed on other faces of Training, each as a picture of its
    own or in a photograph, and on twice as many patterns.

    Args:
        dataset: Dataset file.
        out: The npz file to write.
        images: Number of faces.
        seed: The same seed draws the same faces, scenes and windows.
        each: Wraps the loop over the faces, to show progress.

    Raises:
        DatasetError: The file cannot be used.
        TrainingError: The split has fewer faces, or the detector finds none of them.
        AssetError: The detector's model file is missing; that of the mesh network may be.
    """
    rng = np.random.default_rng(seed)
    rows = Dataset.load(dataset, ("training",))
    images_there = rows.images[rows.found]
    if len(images_there) < images:
        raise TrainingError(f"{dataset}: only {len(images_there)} faces of training; give a smaller --images")
    chosen = images_there[rng.permutation(len(images_there))[:images]]
    kept = len(chosen) // EVIDENCE_SHARE
    gradients, fitted = _fit_gradients(chosen[kept:], rng, dataset, each)
    weights = {"gradients": gradients} | _fit_evidence(chosen[:kept], FaceCheck({"gradients": gradients}), rng, each)
    with replacing(out) as partial, partial.open("wb") as file:
        np.savez(file, **weights)
    return fitted


def _fit_gradients(
    images: np.ndarray, rng: np.random.Generator, dataset: Path, each: Callable[[Iterable], Iterable]
) -> tuple[np.ndarray, FittedCheck]:
    detector, scenes = Detector(), _scenes(len(images) // 3, rng)
    faces, others = [], [crop for scene in scenes for crop in _crops_without_face(scene, detector, rng)]
    for image in each(images):
        scene = scenes[rng.integers(len(scenes))]
        seen, missed = _crops_of_pasted(image, scene, detector, rng)
        faces += seen
        others += missed
    if not faces:
        raise TrainingError(
            f"{dataset}: the detector finds no face in any of {len(images)} images of training; give another dataset"
        )
    both = [side for crop in faces + others for side in (crop, crop[:, ::-1])]
    is_face = np.repeat([True, False], [2 * len(faces), 2 * len(others)])
    weights = _weights_of(np.array([oriented_gradients(np.ascontiguousarray(crop)) for crop in both]), is_face, 0.3)
    return weights, FittedCheck(len(faces), len(others))


def _fit_evidence(
    images: np.ndarray, check: FaceCheck, rng: np.random.Generator, each: Callable[[Iterable], Iterable]
) -> dict[str, np.ndarray]:
    """Weigh what the finder confirms, but is not sure of, in pictures of faces and in patterns without one."""
    finder, evidence, is_face = FaceFinder(), [], []
    for number, image in enumerate(each(images)):
        picture, centre, side = make_photograph(image, rng) if number % 2 else _as_picture(image)
        for pyramid, place in ((Pyramid(picture), centre), *((Pyramid(make_nonface(rng)), None) for _ in range(2))):
            for candidate in finder.candidates(pyramid):
                if found := finder.confirm(pyramid, candidate):
                    off = np.inf if place is None else np.hypot(*(found.box[:2] + found.box[2:] / 2 - place)) / side
                    is_the_face = off < 0.25 and 0.5 < found.box[2] / side < 1.2
                    if is_the_face or off > 1:  # what is neither may be a part of the face
                        evidence.append(check.evidence(pyramid, found))
                        is_face.append(is_the_face)
    if len(set(is_face)) < 2:
        raise TrainingError("the finder takes everything, or nothing, for a face; give more --images")
    numbers = np.array(evidence)
    weights = {"evidence_without_mesh": _weights_of(numbers[:, :2], is_face, 0.1)}
    return weights | ({"evidence": _weights_of(numbers, is_face, 0.1)} if numbers.shape[1] > 2 else {})


def _as_picture(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """A crop enlarged to a picture of its own, with its centre and side as `make_photograph` gives them."""
    side = alignment.SIDE * 4
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), np.full(2, side / 2), float(side)


def _weights_of(numbers: np.ndarray, is_face: Sequence[bool], c: float) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=c, max_iter=2000, class_weight="balanced").fit(numbers, is_face)
    return np.append(model.coef_[0], model.intercept_).astype(np.float32)


def _scenes(count: int, rng: np.random.Generator) -> list[Pyramid]:
    """Make scenes without a face, and add scikit-learn's two photographs once for every eight of them."""
    from sklearn.datasets import load_sample_images

    photographs = [Pyramid(picture) for picture in load_sample_images().images]
    return [Pyramid(make_nonface(rng)) for _ in range(count)] + photographs * (count // 8)


def _crops_without_face(scene: Pyramid, detector: Detector, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield a random patch of a scene, then everything in it that the detector takes for a face."""
    yield scene.cut(_random_window(scene, alignment.SIDE, rng, 0.4), alignment.SIDE)
    for _ in range(WINDOWS_A_SCENE):
        for detection in _likely(detector, scene, _random_window(scene, SIZE, rng)):
            yield crop_of(scene, detection)


def _crops_of_pasted(
    image: np.ndarray, scene: Pyramid, detector: Detector, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Paste a face into a scene; return its crops by the detector, and crops of other things or badly framed."""
    side = float(np.exp(rng.uniform(np.log(24), np.log(130))))
    centre = np.full(2, NONFACE_SIDE / 2)
    picture = Pyramid(
        paste(image, lambda rng: scene.cut(_random_window(scene, NONFACE_SIDE, rng), NONFACE_SIDE), centre, side, rng)
    )
    near = centre + rng.normal(0, 0.08, 2) * side
    view = window(tuple(near), side * np.exp(rng.uniform(0, 0.8)), SIZE, turn=rng.uniform(-25, 25))
    faces, others = [], []
    for detection in _likely(detector, picture, mirrored(view, SIZE) if rng.random() < 0.5 else view):
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


def _likely(detector: Detector, picture: Pyramid, matrix: np.ndarray) -> list[Detection]:
    """What the detector takes for a face in one window."""
    return [each for each in detector.detect(picture, matrix) if each.score >= LIKELY_BAR]


def _random_window(scene: Pyramid, size: int, rng: np.random.Generator, part: float = 1.0) -> np.ndarray:
    """Return the map to a square of `size` pixels from a random window of a scene; `part` makes the window smaller."""
    centre = rng.uniform((0, 0), (scene.width, scene.height))
    side = np.exp(rng.uniform(np.log(40), np.log(300))) * part
    return window(tuple(centre), side, size, turn=rng.uniform(0, 360))
