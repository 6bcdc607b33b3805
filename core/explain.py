"""Why a model gives an answer: the parts of the face that count for it, and the movements that stand out in the face.

The parts are found by occlusion (Zeiler and Fergus 2014): one after the other is hidden, and the model answers again.
This needs nothing but answers, so it works with every kind of model file. Parts are blurred with a soft edge, because
a grey square would itself be something to read (Fong and Vedaldi 2017).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .errors import ModelError
from .faces.alignment import SIDE
from .faces.mesh_topology import MOVEMENT_NAMES
from .features import Feature
from .inference.artifact import Artifact

SHARE = 0.2
"""Share of the pixels that `marked` marks."""

NEUTRAL_FILE = Path(__file__).with_name("neutral_movements.csv")
"""Mean and standard deviation of each blendshape over FER2013's neutral Training faces, a line each.

`python -m training neutral-movements` writes it.
"""

_GRID = 8  # parts along each side
_SOFTNESS = 4.0  # standard deviation of a part's edge, in pixels
_BLUR = 6.0  # standard deviation of the blur that hides a part, in pixels
_LEAST_SPREAD = 0.05  # some movements hardly vary in neutral faces, and would stand out by a hair
_LEAST_APART = 0.1  # by less, the two sides of a face differ by chance
_LEAST_SCORE = 2.0  # of 20 neutral faces, one differs by more in any one movement


def is_explained_by_pixels(feature: Feature) -> bool:
    """Whether a feature depends on pixels, and not only on the mesh, so that `explain` can say which ones count."""
    return any(map(is_explained_by_pixels, feature.parts)) if feature.parts else feature.needs != "mesh"


def explain(artifact: Artifact, crop: np.ndarray, label: str, label_set: str | None = None) -> np.ndarray:
    """How much the part of the face around each pixel counts for a label.

    Each of 64 overlapping parts of the crop is blurred in turn, and the fall of the label's probability counts for that
    part. Where the feature has a mesh beside the pixels, the mesh is that of the whole crop.

    Args:
        artifact: A model whose feature depends on pixels; see `is_explained_by_pixels`.
        crop: Uint8 RGB (48, 48, 3).
        label: A label of the label set.
        label_set: Name of a label set that the model answers in; its main one if None.

    Returns:
        Float32 (48, 48): 1 where the part counts most for the label, 0 where it does not count or counts against it.

    Raises:
        ModelError: The model's feature does not depend on pixels.
    """
    parts = _parts()
    hidden = _probabilities(artifact, _hidden(crop, parts), crop, label, label_set)
    lost = probability(artifact, crop, label, label_set=label_set) - hidden
    fall = np.maximum(np.tensordot(lost, parts, 1) / parts.sum(axis=0), 0)
    return (fall / max(fall.max(), 1e-9)).astype(np.float32)


def marked(saliency: np.ndarray) -> np.ndarray:
    """The pixels that count most.

    Args:
        saliency: Float32 (48, 48), the map that `explain` gives.

    Returns:
        Bool (48, 48), true for the `SHARE` of the pixels with the largest values.
    """
    order = np.argsort(-saliency, axis=None, kind="stable")
    region = np.zeros(saliency.size, bool)
    region[order[: round(SHARE * saliency.size)]] = True
    return region.reshape(saliency.shape)


def probability(
    artifact: Artifact,
    crop: np.ndarray,
    label: str,
    without: np.ndarray | None = None,
    label_set: str | None = None,
) -> float:
    """A label's probability for a crop, or for the crop with a region blurred.

    Args:
        artifact: A model whose feature depends on pixels; see `is_explained_by_pixels`.
        crop: Uint8 RGB (48, 48, 3).
        label: A label of the label set.
        without: Bool (48, 48), the region to blur; None for none.
        label_set: Name of a label set that the model answers in; its main one if None.

    Returns:
        Probability, 0 to 1.

    Raises:
        ModelError: The model's feature does not depend on pixels.
    """
    crops = crop[None] if without is None else _hidden(crop, without[None])
    return float(_probabilities(artifact, crops, crop, label, label_set)[0])


@functools.cache
def _parts() -> np.ndarray:
    """Float32 (64, 48, 48): how far each part is hidden, 0 to 1."""
    centres = (np.arange(_GRID) + 0.5) * SIDE / _GRID - 0.5
    bells = np.exp(-0.5 * ((np.arange(SIDE) - centres[:, None]) / _SOFTNESS) ** 2)
    return np.einsum("iy,jx->ijyx", bells, bells).reshape(-1, SIDE, SIDE).astype(np.float32)


def _hidden(crop: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Uint8 RGB (n, 48, 48, 3): the crop with each region (n, 48, 48), true or 1 where it is hidden, blurred."""
    blurred = cv2.GaussianBlur(crop, (0, 0), _BLUR, borderType=cv2.BORDER_REFLECT)
    change = blurred.astype(np.float32) - crop
    return (crop + regions[..., None] * change).round().astype(np.uint8)


def _probabilities(
    artifact: Artifact, crops: np.ndarray, original: np.ndarray, label: str, label_set: str | None
) -> np.ndarray:
    if not is_explained_by_pixels(artifact.feature):
        raise ModelError(
            f"model {artifact.card.name!r} reads the points of a face's mesh, which no map of pixels explains"
        )
    features = np.stack([_feature(artifact.feature, crop, original) for crop in crops])
    outputs = artifact.card.outputs
    label_set = label_set or next(iter(outputs))
    return np.exp(artifact.predict(features)[label_set][:, outputs[label_set].labels.index(label)])


def _feature(feature: Feature, crop: np.ndarray, original: np.ndarray) -> np.ndarray | None:
    """The feature of a crop with the mesh of the original one."""
    if feature.parts:
        return feature.combine(*(_feature(part, crop, original) for part in feature.parts))
    return feature.compute(original if feature.needs == "mesh" else crop)


@dataclass(frozen=True)
class Neutral:
    """One movement over neutral faces.

    Attributes:
        mean: Mean of the blendshape, 0 to 1.
        spread: Standard deviation of the blendshape.
    """

    mean: float
    spread: float


_WORDS = {
    "_neutral": "at rest",
    "browDown": "brow lowered",
    "browInnerUp": "inner brows raised",
    "browOuterUp": "outer brow raised",
    "cheekPuff": "cheeks puffed",
    "cheekSquint": "cheek raised",
    "eyeBlink": "eye closed",
    "eyeLookDown": "eye turned down",
    "eyeLookIn": "eye turned inwards",
    "eyeLookOut": "eye turned outwards",
    "eyeLookUp": "eye turned up",
    "eyeSquint": "eye narrowed",
    "eyeWide": "eye widened",
    "jawForward": "jaw pushed forward",
    "jawLeft": "jaw moved to the left",
    "jawOpen": "jaw open",
    "jawRight": "jaw moved to the right",
    "mouthClose": "lips closed over an open jaw",
    "mouthDimple": "corner of the mouth drawn back",
    "mouthFrown": "corner of the mouth lowered",
    "mouthFunnel": "lips open and rounded",
    "mouthLeft": "mouth moved to the left",
    "mouthLowerDown": "lower lip lowered",
    "mouthPress": "lips pressed together",
    "mouthPucker": "lips puckered",
    "mouthRight": "mouth moved to the right",
    "mouthRollLower": "lower lip rolled in",
    "mouthRollUpper": "upper lip rolled in",
    "mouthShrugLower": "lower lip pushed out",
    "mouthShrugUpper": "upper lip pushed out",
    "mouthSmile": "corner of the mouth raised",
    "mouthStretch": "corner of the mouth stretched",
    "mouthUpperUp": "upper lip raised",
    "noseSneer": "nose wrinkled",
}
"""What MediaPipe's movements are; those that each side of the face makes by itself bear no side here."""


@dataclass(frozen=True)
class Movement:
    """One movement of one face.

    Attributes:
        name: MediaPipe's name without a side, such as "mouthSmile".
        side: "left" or "right", which are the person's own; "both" where the sides hardly differ; empty for a movement
            that is of no side.
        value: Value of the blendshape, 0 to 1; the mean of both sides.
        neutral: Mean of the blendshape over neutral faces, 0 to 1.

    Examples:
        >>> str(Movement("mouthSmile", "left", 0.8, 0.1))
        'Corner of the mouth raised, left side (0.80; usually 0.10)'
        >>> str(Movement("browOuterUp", "both", 0.0, 0.2))
        'Outer brow raised, both sides, less than usual (0.00; usually 0.20)'
    """

    name: str
    side: str
    value: float
    neutral: float

    def __str__(self) -> str:
        where = {"": "", "both": ", both sides"}.get(self.side, f", {self.side} side")
        less = ", less than usual" if self.value < self.neutral else ""
        return f"{_WORDS[self.name].capitalize()}{where}{less} ({self.value:.2f}; usually {self.neutral:.2f})"


def most_moved(blendshapes: np.ndarray, most: int = 5) -> list[Movement]:
    """The movements that differ most from the mean of neutral faces, up or down, the most unusual first.

    Differences are counted in standard deviations of neutral faces, because gaze and brows vary there too. A movement
    that both sides of the face make alike is one movement.

    Args:
        blendshapes: Float32 (52,), 0 to 1, a value of the feature `blendshapes`.
        most: Largest number of movements; a face at rest has none.
    """
    values = dict(zip(MOVEMENT_NAMES, map(float, blendshapes), strict=True))
    scored = [one for name in _WORDS for one in _movements(name, values)]
    unusual = [(score, movement) for score, movement in scored if score >= _LEAST_SCORE]
    return [movement for _, movement in sorted(unusual, key=lambda each: -each[0])[:most]]


def _movements(name: str, values: Mapping[str, float]) -> list[tuple[float, Movement]]:
    """A movement, or its two sides where they differ clearly, each with how unusual it is."""
    if name in values:
        return [_scored(name, "", [name], values)]
    left, right = f"{name}Left", f"{name}Right"
    apart = abs(values[left] - values[right])
    if apart <= max(_LEAST_APART, max(values[left], values[right]) / 3):
        return [_scored(name, "both", [left, right], values)]
    return [_scored(name, "left", [left], values), _scored(name, "right", [right], values)]


def _scored(name: str, side: str, sides: list[str], values: Mapping[str, float]) -> tuple[float, Movement]:
    rest = [neutral_faces()[each] for each in sides]
    value = float(np.mean([values[each] for each in sides]))
    mean, spread = np.mean([(each.mean, each.spread) for each in rest], axis=0).tolist()
    return abs(value - mean) / max(spread, _LEAST_SPREAD), Movement(name, side, value, mean)


@functools.cache
def neutral_faces() -> Mapping[str, Neutral]:
    """The movements in `NEUTRAL_FILE`, by MediaPipe's name."""
    rows = (line.split(",") for line in NEUTRAL_FILE.read_text(encoding="utf-8").splitlines()[1:])
    return {name: Neutral(float(mean), float(spread)) for name, mean, spread in rows}
