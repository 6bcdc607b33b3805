"""The features, found by name."""

from __future__ import annotations

from .feature import Feature
from .pixels import PIXELS

__all__ = ["FEATURES", "Feature"]

FEATURES: dict[str, Feature] = {feature.name: feature for feature in (PIXELS,)}
