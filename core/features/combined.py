"""Features that join several others in one vector: a crop in which no mesh is found has them too."""

from __future__ import annotations

import numpy as np

from ..layout import FUSION_LAYOUT, Layout
from .feature import Feature, combined
from .mesh import BLENDSHAPES, LANDMARKS, MESH
from .pixels import EMBEDDING, PIXELS


def _fusion(pixels: np.ndarray, mesh: np.ndarray | None, blendshapes: np.ndarray | None) -> np.ndarray:
    if mesh is None or blendshapes is None:
        return FUSION_LAYOUT.join(pixels=pixels)
    return FUSION_LAYOUT.join(pixels=pixels, mesh=mesh, blendshapes=blendshapes, found=1)


FUSION = combined(
    "fusion", 2, [PIXELS, MESH, BLENDSHAPES], _fusion, (FUSION_LAYOUT.size,), "float32", layout=FUSION_LAYOUT
)
"""Float32 (3761,) in `FUSION_LAYOUT`: the input of the recipe `landmark-fusion`."""


_ENSEMBLE_PARTS = (PIXELS, EMBEDDING, LANDMARKS, BLENDSHAPES)

ENSEMBLE_LAYOUT = Layout({part.name: part.shape for part in _ENSEMBLE_PARTS} | {"found": (len(_ENSEMBLE_PARTS),)})
"""Layout of `ENSEMBLE_INPUT`: its parts, then for each of them 1 where it was found; zeros for what was not."""


def _ensemble_input(*values: np.ndarray | None) -> np.ndarray:
    found = {part.name: value for part, value in zip(_ENSEMBLE_PARTS, values, strict=True) if value is not None}
    return ENSEMBLE_LAYOUT.join(**found, found=[part.name in found for part in _ENSEMBLE_PARTS])


ENSEMBLE_INPUT = combined(
    "looks", 2, _ENSEMBLE_PARTS, _ensemble_input, (ENSEMBLE_LAYOUT.size,), "float32", layout=ENSEMBLE_LAYOUT
)
"""Float32 (5044,) in `ENSEMBLE_LAYOUT`: everything that the members of an ensemble compute their features from.

Cards call it "looks".
"""


def is_in_ensemble_input(feature: Feature) -> bool:
    """Whether `from_ensemble_input` can give a feature.

    Examples:
        >>> is_in_ensemble_input(FUSION)
        True
    """
    return feature in _ENSEMBLE_PARTS or (bool(feature.parts) and all(map(is_in_ensemble_input, feature.parts)))


def from_ensemble_input(feature: Feature, vector: np.ndarray) -> np.ndarray | None:
    """One feature of a face, taken from the face's `ENSEMBLE_INPUT`.

    Args:
        feature: A feature for which `is_in_ensemble_input` is true.
        vector: Float32 (5044,), the `ENSEMBLE_INPUT` of one face.

    Returns:
        The same as the feature computes from the crop, None included.

    Raises:
        ValueError: The feature is not made of the parts of `ENSEMBLE_INPUT`.
    """
    if not is_in_ensemble_input(feature):
        raise ValueError(f"{feature.name} is not made of {', '.join(part.name for part in _ENSEMBLE_PARTS)}")
    parts = ENSEMBLE_LAYOUT.split(vector[None])
    if feature.parts:
        return feature.combine(*(from_ensemble_input(part, vector) for part in feature.parts))
    if not parts["found"][0, _ENSEMBLE_PARTS.index(feature)]:
        return None
    return parts[feature.name][0].astype(feature.dtype)
