"""Embeddings of pictures by MediaPipe's ImageEmbedder."""

from __future__ import annotations

import numpy as np

from .errors import ModelError
from .mediapipe_guard import load_vision
from .pool import Pool


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
