"""Layout: several arrays laid end to end in one vector. Needs nothing but NumPy."""

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
        shapes: Of each, by name.

    Examples:
        >>> layout = Layout({"corner": (2, 2), "flag": (1,)})
        >>> layout.join(corner=[[1, 2], [3, 4]])
        array([1., 2., 3., 4., 0.], dtype=float32)
    """

    shapes: Mapping[str, tuple[int, ...]]

    @property
    def slices(self) -> dict[str, slice]:
        """Where in the vector each array lies."""
        ends = np.cumsum([0, *map(math.prod, self.shapes.values())]).tolist()
        return {name: slice(*place) for name, place in zip(self.shapes, itertools.pairwise(ends), strict=True)}

    @property
    def size(self) -> int:
        """Length of the vector."""
        return sum(map(math.prod, self.shapes.values()))

    def join(self, **arrays) -> np.ndarray:
        """Float32 (size,): the arrays end to end; what is not given is zeros."""
        vector = np.zeros(self.size, np.float32)
        for name, array in arrays.items():
            vector[self.slices[name]] = np.reshape(array, -1)
        return vector

    def split(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Vectors (n, size) taken apart: (n, *shape) by name."""
        return {
            name: vectors[:, place].reshape(-1, *shape)
            for (name, place), shape in zip(self.slices.items(), self.shapes.values(), strict=True)
        }


FUSION_LAYOUT = Layout({"pixels": (48, 48, 1), "mesh": (468, 3), "blendshapes": (52,), "found": (1,)})
"""Of the feature `fusion`: grey levels 0 to 255, the mesh as `mesh` has it, MediaPipe's movements 0 to 1, and 1 where a
mesh was found; where none was, 0, and the two before it are zeros."""
