"""A face as an image embedder sees it: 1280 numbers, by MediaPipe's ImageEmbedder on the grey crop."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from ..errors import ModelError
from ..model_store import EMBEDDER
from ..runtime import assets
from ..runtime.mediapipe_guard import load_vision
from ..runtime.pool import Pool
from .feature import Feature
from .pixels import PIXELS


class Embedder:
    """A pool of ImageEmbedders of one file; one Embedder serves any number of threads.

    Args:
        name: Of the file, for messages.
        content: Of the file, `.tflite`. MediaPipe wants metadata in one that takes floats, and none in one that takes
            bytes.
        length: Of the embedding.

    Raises:
        ModelError: MediaPipe cannot load the file.
    """

    def __init__(self, name: str, content: bytes, length: int) -> None:
        self._name, self._length, self._vision = name, length, load_vision()
        options = self._vision.ImageEmbedderOptions(base_options=self._vision.BaseOptions(model_asset_buffer=content))
        try:
            self._pool = Pool(
                lambda: self._vision.ImageEmbedder.create_from_options(options), lambda embedder: embedder.close()
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{name}: MediaPipe's ImageEmbedder cannot load it ({error})") from None

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """The embedding of a picture, uint8 RGB (h, w, 3): float32 (length,), not normalised.

        Raises:
            ModelError: the file gives another number of numbers.
        """
        image = self._vision.Image(image_format=self._vision.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        with self._pool.borrow() as embedder:
            embedding = np.asarray(embedder.embed(image).embeddings[0].embedding, np.float32)
        if embedding.shape != (self._length,):
            raise ModelError(
                f"{self._name}: gives {embedding.size} numbers instead of {self._length}; it is another file"
            )
        return embedding


LENGTH = 1280

MOBILENET = assets.IMAGE_EMBEDDER
"""Google's MobileNetV3-Large (Howard et al. 2019), which learnt to tell the things of ImageNet apart."""


def _mien(crop: np.ndarray) -> np.ndarray:
    return _mien_embedder(EMBEDDER.written())(_picture(crop))


def _mobilenet(crop: np.ndarray) -> np.ndarray:
    return _mobilenet_embedder()(_picture(crop))


def _picture(crop: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(PIXELS.compute(crop), cv2.COLOR_GRAY2RGB)


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
