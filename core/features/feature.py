"""Feature: one way of seeing a face, the same in training and in serving."""

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
    """What a model eats.

    Attributes:
        name: Name that recipes and cards refer to it by.
        version: Raised whenever `compute` gives other numbers; a model trained on another version is refused.
        compute: Function from a crop, uint8 RGB (48, 48, 3), to one array, or to None where the feature cannot be
            found in that crop.
        shape: Of that array.
        dtype: Of that array.
        needs: "crop" where the pixels are enough, in microseconds and always; "mesh" where MediaPipe has to find the
            face's points in the crop, in milliseconds and not always; "embedder" where MediaPipe runs a network on it,
            in milliseconds and always.
        assets: Third-party model files that `compute` runs.
        model_files: Files of installed models that `compute` runs.
        edges: Gives int64 (e, 2): which rows of the array are neighbours; None where rows are no points of a face.
        parts: The features that this one is made of, where it is; see `combined`.
        combine: From one value of each part, or None for it, to this feature's value, in no time.
        layout: Of a vector that is several arrays end to end; None where it is one.
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
        """What a model that eats it depends on: its name, its version, and which model files it runs.

        Third-party files do not count: the version stands for them.

        Raises:
            ModelError: a model whose file it runs is not installed.
        """
        files = {str(file): file.sha256() for file in self.model_files}
        return {"name": self.name, "version": self.version} | ({"model_files": files} if files else {})

    def probe(self) -> np.ndarray:
        """A made value that is the same everywhere: of a fixed pattern, or where that shows no face, fixed waves."""
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
    """A feature made of others, so that what takes long, the look at the face, is done and kept once for them all.

    Args:
        name: Of the new feature.
        version: Raised with `combine`, and with the version of any part.
        parts: What it is made of.
        combine: Takes one value of each part, None where that part cannot see the face.
        shape: Of what `combine` gives.
        dtype: Of what `combine` gives.
        edges: As in `Feature`.
        layout: As in `Feature`.
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
    """A `compute` that other processes can be handed."""

    parts: tuple[Feature, ...]
    combine: Callable[..., np.ndarray | None]

    def __call__(self, crop: np.ndarray) -> np.ndarray | None:
        return self.combine(*(part.compute(crop) for part in self.parts))
