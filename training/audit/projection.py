"""A map of a dataset: a sample of its images as points in the plane, similar ones close together."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from core.features.mesh import BLENDSHAPES
from core.features.pixels import EMBEDDING
from training.audit.statistics import kept_tables
from training.datasets.index import Progress, Rows, decoded, pictures
from training.datasets.parquet import pixels_of
from training.errors import DatasetError
from training.features.extract import origins
from training.features.table import feature_values
from training.files import kept

SIZE = 3000
"""Number of images on a map: more hide one another on a screen."""

_LEAST = 8
_BATCH = 1024  # rows at a time
_STEP = 32  # images that are embedded between two reports of progress
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


def draw_map(rows: Rows, vectors: str, method: str, progress: Progress = lambda done, total: None) -> Map:
    """Draw a map of a sample of the images, or read the one that is kept.

    Args:
        rows: All rows of the dataset.
        vectors: Name of the vectors by which images are compared, a key of `VECTORS`.
        method: Name of the method that turns vectors into points, a key of `METHODS`.
        progress: Called with the number of images whose vector was computed and of all on the map, where that is slow.

    Raises:
        DatasetError: Too few images have such a vector.
        ModelError: The vectors are the embedder's, which is not installed.
    """
    path = rows.cache_file(f"map-{_version(vectors)}-{method}-1")
    return Map(**kept(path, lambda: _drawn(rows, vectors, method, progress)))


def is_computed(rows: Rows, vectors: str) -> bool:
    """Tell whether the vectors of a map are there already, or are had in a moment.

    Raises:
        ModelError: The vectors are the embedder's, which is not installed.
    """
    return vectors != "embedding" or _embeddings_file(rows).is_file()


def has_movements(rows: Rows) -> bool:
    """Whether the movements of any split were computed before, without which there is no map of them."""
    return bool(kept_tables(rows, BLENDSHAPES))


def _drawn(rows: Rows, vectors: str, method: str, progress: Progress) -> dict[str, np.ndarray]:
    numbers, values = VECTORS[vectors](rows, progress)
    if len(numbers) < _LEAST:
        raise DatasetError(f"{rows.path}: {len(numbers)} images are too few for a map; it takes {_LEAST}")
    return {"rows": numbers, "points": METHODS[method](values).astype(np.float32)}


def _version(vectors: str) -> str:
    """The name of the vectors, with a hash of the model file that the embedder's depend on."""
    if vectors != "embedding":
        return vectors
    return f"{vectors}-{hashlib.sha256(json.dumps(origins(EMBEDDING)).encode()).hexdigest()[:8]}"


def _embeddings_file(rows: Rows) -> Path:
    return rows.cache_file(f"vectors-{_version('embedding')}-{SIZE}")


def _embeddings(rows: Rows, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Give the embedder's 1280 numbers, which were learnt for expressions."""
    numbers = _sample(np.flatnonzero(rows.found))
    return numbers, kept(_embeddings_file(rows), lambda: {"values": _embedded(rows, numbers, progress)})["values"]


def _embedded(rows: Rows, numbers: np.ndarray, progress: Progress) -> np.ndarray:
    crops = map(pixels_of, pictures(rows.path, numbers))
    values = np.empty((len(numbers), *EMBEDDING.shape), np.float16)  # a map needs no more digits
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for start in range(0, len(numbers), _STEP):
            progress(start, len(numbers))
            step = list(threads.map(EMBEDDING.compute, itertools.islice(crops, _STEP)))
            values[start : start + len(step)] = step
    progress(len(numbers), len(numbers))
    return values


def _pixels(rows: Rows, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Give every second pixel, without brightness and contrast, which say little about a face."""
    numbers = _sample(np.flatnonzero(rows.found))
    images = decoded(pictures(rows.path, numbers))[:, ::2, ::2].reshape(len(numbers), -1).astype(np.float32)
    images -= images.mean(axis=1, keepdims=True)
    return numbers, images / images.std(axis=1, keepdims=True).clip(1)


def _movements(rows: Rows, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
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
    return PCA(2, random_state=0).fit_transform(vectors.astype(np.float32))


def _tsne(vectors: np.ndarray) -> np.ndarray:
    """Compute t-SNE (van der Maaten and Hinton 2008) with its usual perplexity."""
    vectors = PCA(min(_COMPONENTS, *vectors.shape), random_state=0).fit_transform(vectors.astype(np.float32))
    return TSNE(perplexity=min(30, len(vectors) / 4), init="pca", random_state=0).fit_transform(vectors)


VECTORS: dict[str, Callable[[Rows, Progress], tuple[np.ndarray, np.ndarray]]] = {
    "embedding": _embeddings,
    "movements": _movements,
    "pixels": _pixels,
}
"""By name, a function from a dataset to the row numbers (n,) of a sample and a vector for each, (n, d)."""

METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"pca": _pca, "t-sne": _tsne}
"""By name, a function from vectors (n, d) to points (n, 2)."""
