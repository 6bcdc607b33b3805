"""The features, found by name."""

from __future__ import annotations

from .combined import ENSEMBLE_INPUT, FUSION
from .feature import Feature
from .mesh import BLENDSHAPES, DISTANCES, LANDMARKS, MESH
from .pixels import EMBEDDING, EMBEDDING_MOBILENET, PIXELS

__all__ = ["FEATURES", "Feature"]

FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        PIXELS,
        LANDMARKS,
        MESH,
        BLENDSHAPES,
        DISTANCES,
        FUSION,
        EMBEDDING,
        EMBEDDING_MOBILENET,
        ENSEMBLE_INPUT,
    )
}
