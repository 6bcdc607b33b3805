"""A map of a dataset: a sample of its images as points in the plane, similar ones close together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from core.features.mesh import BLENDSHAPES
from training.audit.statistics import kept_tables
from training.datasets.index import Rows, decoded, pictures
from training.errors import DatasetError
from training.features.table import feature_values
from training.files import kept

SIZE = 3000
"""Number of images on a map: more hide one another on a screen."""

_LEAST = 8
_BATCH = 1024  # rows at a time
_COMPONENTS = 50  # that PCA leaves for t-SNE, as the authors of t-SNE do


@dataclass(frozen=True)
class Map:
    """Images as points in the plane.

    Attributes:
        rows: Int64 (n,), row numbers of the images.
        points: Float32 (n, 2), coordinates of the images.
    """

    rows: np.ndarray
    points: np.ndarray


def draw_map(rows: Rows, vectors: str, method: str) -> Map:
    """Draw a map of a sample of the images, or read the one that is kept.

    Args:
        rows: All rows of the dataset.
        vectors: Name of the vectors by which images are compared, a key of `VECTORS`.
        method: Name of the method that turns vectors into points, a key of `METHODS`.

    Raises:
        DatasetError: Too few images have such a vector.
    """
    path = rows.cache_file(f"map-{vectors}-{method}-1")
    return Map(**kept(path, lambda: _drawn(rows, vectors, method)))


def has_movements(rows: Rows) -> bool:
    """Whether the movements of any split were computed before, without which there is no map of them."""
    return bool(kept_tables(rows, BLENDSHAPES))


def _drawn(rows: Rows, vectors: str, method: str) -> dict[str, np.ndarray]:
    numbers, values = VECTORS[vectors](rows)
    if len(numbers) < _LEAST:
        raise DatasetError(f"{rows.path}: {len(numbers)} images are too few for a map; it takes {_LEAST}")
    return {"rows": numbers, "points": METHODS[method](values).astype(np.float32)}


def _pixels(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Give every second pixel, without brightness and contrast, which say little about a face."""
    numbers = _sample(np.flatnonzero(rows.found))
    images = decoded(pictures(rows.path, numbers))[:, ::2, ::2].reshape(len(numbers), -1).astype(np.float32)
    images -= images.mean(axis=1, keepdims=True)
    return numbers, images / images.std(axis=1, keepdims=True).clip(1)


def _movements(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Give MediaPipe's 52 movements of a face."""
    numbers, values = [], []
    for path in kept_tables(rows, BLENDSHAPES):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH, columns=["image", "found", "feature"]):
                found = pa.table(batch).filter(batch["found"])
                numbers.append(found["image"].to_numpy())
                values += [value.copy() for value in feature_values(found, BLENDSHAPES.shape)]
    if not values:
        raise DatasetError(
            f"{rows.path}: its movements were not computed; run `python -m training extract blendshapes`"
        )
    chosen = _sample(np.arange(len(values)))
    return np.concatenate(numbers)[chosen], np.array(values)[chosen]


def _sample(numbers: np.ndarray) -> np.ndarray:
    return np.sort(np.random.default_rng(0).permutation(numbers)[:SIZE])


def _pca(vectors: np.ndarray) -> np.ndarray:
    return PCA(2, random_state=0).fit_transform(vectors)


def _tsne(vectors: np.ndarray) -> np.ndarray:
    """Compute t-SNE (van der Maaten and Hinton 2008) with its usual perplexity."""
    vectors = PCA(min(_COMPONENTS, *vectors.shape), random_state=0).fit_transform(vectors)
    return TSNE(perplexity=min(30, len(vectors) / 4), init="pca", random_state=0).fit_transform(vectors)


VECTORS: dict[str, Callable[[Rows], tuple[np.ndarray, np.ndarray]]] = {"pixels": _pixels, "movements": _movements}
"""By name, a function from a dataset to the row numbers (n,) of a sample and a vector for each, (n, d)."""

METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"pca": _pca, "t-sne": _tsne}
"""By name, a function from vectors (n, d) to points (n, 2)."""
