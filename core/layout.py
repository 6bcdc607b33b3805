"""Layout: several arrays end to end in one vector. It needs only NumPy, because a bare training machine imports it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Which arrays a vector is made of, in the order in which they lie in it.

    Attributes:
        shapes: Shape of each array, by name.

    Examples:
        >>> layout = Layout({"corner": (2, 2), "flag": (1,)})
        >>> layout.join(corner=[[1, 2], [3, 4]])
        array([1., 2., 3., 4., 0.], dtype=float32)
    """

    shapes: Mapping[str, tuple[int, ...]]

    @property
    def slices(self) -> dict[str, slice]:
        """The part of the vector in which each array lies, by name."""
        ends = np.cumsum([0, *map(math.prod, self.shapes.values())]).tolist()
        return {name: slice(*place) for name, place in zip(self.shapes, itertools.pairwise(ends), strict=True)}

    @property
    def size(self) -> int:
        """Length of the vector."""
        return sum(map(math.prod, self.shapes.values()))

    def join(self, **arrays) -> np.ndarray:
        """Join arrays to one vector.

        Args:
            **arrays: Array of each name; those that are not given become zeros.

        Returns:
            Float32 (size,).
        """
        vector = np.zeros(self.size, np.float32)
        for name, array in arrays.items():
            vector[self.slices[name]] = np.reshape(array, -1)
        return vector

    def split(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Split vectors (n, size) into arrays (n, *shape), by name."""
        return {
            name: vectors[:, place].reshape(-1, *shape)
            for (name, place), shape in zip(self.slices.items(), self.shapes.values(), strict=True)
        }


FUSION_LAYOUT = Layout({"pixels": (48, 48, 1), "mesh": (468, 3), "blendshapes": (52,), "found": (1,)})
"""Layout of the feature `fusion`: grey levels 0 to 255, the features `mesh` and `blendshapes`, and 1 for a mesh found.

Where no mesh is found, the last number is 0, and so are mesh and blendshapes.
"""
