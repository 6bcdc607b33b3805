"""Feature: one way of turning the crop of a face into numbers, the same in training and in serving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..layout import Layout
from ..model_store import ModelFile
from ..runtime.assets import Asset


@dataclass(frozen=True)
class Feature:
    """The input of a model: what it is called, how it is computed, and what computing it needs.

    Attributes:
        name: Name that recipes and cards refer to it by.
        version: Number that rises whenever `compute` gives other values; a model trained on another version is refused.
        compute: Function from a crop, uint8 RGB (48, 48, 3), to one array, or to None where the feature cannot be
            found in that crop.
        shape: Shape of the array.
        dtype: NumPy's name for the type of its numbers, such as "float32".
        needs: "crop" where the pixels are enough, in microseconds and always; "mesh" where MediaPipe has to find the
            face's points in the crop, in milliseconds and not always; "embedder" where MediaPipe runs a network on it,
            in milliseconds and always.
        assets: Third-party model files that `compute` runs.
        model_files: Files of installed models that `compute` runs.
        edges: Function that gives int64 (e, 2), the pairs of rows of the array that are neighbours; None where the
            rows are no points of a face.
        parts: Features that this one is made of, empty for most; see `combined`.
        combine: Function from one value of each part, or None for a part that was not found, to this feature's value.
        layout: Layout of a vector that is several arrays end to end; None where it is one.
    """

    name: str
    version: int
    compute: Callable[[np.ndarray], np.ndarray | None]
    shape: tuple[int, ...]
    dtype: str
    needs: Literal["crop", "mesh", "embedder"] = "crop"
    assets: tuple[Asset, ...] = ()
    model_files: tuple[ModelFile, ...] = ()
    edges: Callable[[], np.ndarray] | None = None
    parts: tuple[Feature, ...] = ()
    combine: Callable[..., np.ndarray | None] | None = None
    layout: Layout | None = None

    def identity(self) -> dict[str, Any]:
        """Name, version and the sha256 of the model files run: what must not change under a model that reads it.

        Third-party files do not count: the version stands for them.

        Raises:
            ModelError: A model whose file the feature runs is not installed.
        """
        files = {str(file): file.sha256() for file in self.model_files}
        return {"name": self.name, "version": self.version} | ({"model_files": files} if files else {})

    def probe(self) -> np.ndarray:
        """A made-up value, the same on every machine: of a fixed picture, or fixed waves where that shows no face.

        Returns:
            Array of the feature's shape and dtype.
        """
        if self.parts:
            return self.combine(*(part.probe() for part in self.parts))
        if self.needs == "crop":
            rows, columns = np.mgrid[:48, :48]
            pattern = np.stack([rows * 5, columns * 5, (rows * columns) % 251], axis=2).astype(np.uint8)
            return self.compute(pattern)
        return np.sin(np.arange(np.prod(self.shape))).reshape(self.shape).astype(self.dtype)


def combined(
    name: str,
    version: int,
    parts: Sequence[Feature],
    combine: Callable[..., np.ndarray | None],
    shape: tuple[int, ...],
    dtype: str,
    edges: Callable[[], np.ndarray] | None = None,
    layout: Layout | None = None,
) -> Feature:
    """A feature made of others, so that what takes long, such as finding the mesh, is done and kept once for them all.

    Args:
        name: Name of the new feature.
        version: Number that rises when `combine` changes, and when the version of any part does.
        parts: Features that it is made of.
        combine: Function from one value of each part, or None for a part that was not found, to the value.
        shape: Shape of the value.
        dtype: NumPy's name for the type of its numbers.
        edges: Pairs of neighbouring rows; see `Feature`.
        layout: Layout of a vector that is several arrays end to end; see `Feature`.
    """
    return Feature(
        name,
        version,
        _Combined(tuple(parts), combine),
        shape,
        dtype,
        needs=next((part.needs for part in parts if part.needs != "crop"), "crop"),
        assets=tuple(dict.fromkeys(asset for part in parts for asset in part.assets)),
        model_files=tuple(dict.fromkeys(file for part in parts for file in part.model_files)),
        edges=edges,
        parts=tuple(parts),
        combine=combine,
        layout=layout,
    )


@dataclass(frozen=True)
class _Combined:
    """The `compute` of a combined feature: no closure, so that it can be sent to other processes."""

    parts: tuple[Feature, ...]
    combine: Callable[..., np.ndarray | None]

    def __call__(self, crop: np.ndarray) -> np.ndarray | None:
        return self.combine(*(part.compute(crop) for part in self.parts))
