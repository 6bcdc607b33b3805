"""Features of the pixels alone: the grey crop itself, and what an image embedder makes of it."""

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


def _grey(crop: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[:, :, None]


PIXELS = Feature(name="pixels", version=1, compute=_grey, shape=(48, 48, 1), dtype="uint8")
"""Uint8 (48, 48, 1): the grey levels, weighed as Rec. 601 does."""


class Embedder:
    """A pool of MediaPipe's ImageEmbedders for one file; one Embedder serves any number of threads.

    Args:
        name: Name of the file, for messages.
        content: Content of the `.tflite` file. MediaPipe wants metadata in one that takes floats, and none in one that
            takes bytes.
        length: Number of values of an embedding.

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
        """The embedding of a picture.

        Args:
            picture: Uint8 RGB (h, w, 3).

        Returns:
            Float32 (length,), not normalised.

        Raises:
            ModelError: The file gives another number of values.
        """
        image = self._vision.Image(image_format=self._vision.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        with self._pool.borrow() as embedder:
            embedding = np.asarray(embedder.embed(image).embeddings[0].embedding, np.float32)
        if embedding.shape != (self._length,):
            raise ModelError(
                f"{self._name}: gives {embedding.size} numbers instead of {self._length}; it is another file"
            )
        return embedding


_LENGTH = 1280  # of either embedding


def _own_embedding(crop: np.ndarray) -> np.ndarray:
    return _own_embedder(EMBEDDER.written())(_grey_picture(crop))


@functools.lru_cache(maxsize=1)
def _own_embedder(written: int) -> Embedder:
    return Embedder(str(EMBEDDER), EMBEDDER.read(), _LENGTH)


def _mobilenet_embedding(crop: np.ndarray) -> np.ndarray:
    return _mobilenet_embedder()(_grey_picture(crop))


@functools.cache
def _mobilenet_embedder() -> Embedder:
    path = assets.path_of(assets.IMAGE_EMBEDDER)
    return Embedder(path.name, path.read_bytes(), _LENGTH)


def _grey_picture(crop: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(_grey(crop), cv2.COLOR_GRAY2RGB)


EMBEDDING = Feature("embedding", 1, _own_embedding, (_LENGTH,), "float32", needs="embedder", model_files=(EMBEDDER,))
"""Float32 (1280,), at least 0: the mean of the embeddings of the crop and its mirror image, by the model `embedder`."""

EMBEDDING_MOBILENET = Feature(
    "embedding-mobilenet_v3_large",
    1,
    _mobilenet_embedding,
    (_LENGTH,),
    "float32",
    needs="embedder",
    assets=(assets.IMAGE_EMBEDDER,),
)
"""Float32 (1280,): the embedding of the crop by Google's MobileNetV3-Large (Howard et al. 2019), of ImageNet."""
