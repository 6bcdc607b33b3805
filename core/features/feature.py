"""Feature: one way of seeing a face, the same in training and in serving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Feature:
    """What a model eats.

    Attributes:
        name: Name that recipes and cards refer to it by.
        version: Raised whenever `compute` gives other numbers; a model trained on another version is refused.
        compute: From a crop, uint8 RGB (48, 48, 3), and its `Face` (None for a dataset's ready-made crop) to one
            array, or None where this face cannot be seen in this way.
    """

    name: str
    version: int
    compute: Callable[[np.ndarray, Any], np.ndarray | None]
