"""A face as an image embedder sees it: 1280 numbers, by MediaPipe's ImageEmbedder on the grey crop."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from .. import assets
from ..image_embedder import Embedder
from ..model_files import EMBEDDER
from .feature import Feature
from .pixels import PIXELS

LENGTH = 1280

MOBILENET = assets.IMAGE_EMBEDDER_LARGE
"""Google's MobileNetV3-Large (Howard et al. 2019), which learnt to tell the things of ImageNet apart."""


def _mien(crop: np.ndarray, face) -> np.ndarray:
    return _mien_embedder(EMBEDDER.written())(_picture(crop, face))


def _mobilenet(crop: np.ndarray, face) -> np.ndarray:
    return _mobilenet_embedder()(_picture(crop, face))


def _picture(crop: np.ndarray, face) -> np.ndarray:
    return cv2.cvtColor(PIXELS.compute(crop, face), cv2.COLOR_GRAY2RGB)


@functools.lru_cache(maxsize=1)
def _mien_embedder(written: int) -> Embedder:
    return Embedder(str(EMBEDDER), EMBEDDER.read(), LENGTH)


@functools.cache
def _mobilenet_embedder() -> Embedder:
    path = assets.path_of(MOBILENET)
    return Embedder(path.name, path.read_bytes(), LENGTH)


EMBEDDING = Feature("embedding", 1, _mien, (LENGTH,), "float32", needs="embedder", model_files=(EMBEDDER,))
"""Float32 (1280,), at least 0: the mean of what our embedder sees in the crop and in its mirror image."""

EMBEDDING_MOBILENET = Feature(
    "embedding-mobilenet_v3_large", 1, _mobilenet, (LENGTH,), "float32", needs="embedder", assets=(MOBILENET,)
)
"""Float32 (1280,): what Google's embedder sees in the crop."""
