"""The features, found by name."""

from __future__ import annotations

from .blendshapes import BLENDSHAPES
from .distances import DISTANCES
from .embedding import EMBEDDING, EMBEDDING_MOBILENET
from .feature import Feature
from .fusion import FUSION
from .landmarks import LANDMARKS
from .looks import LOOKS
from .mesh import MESH
from .pixels import PIXELS

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
        LOOKS,
    )
}
