"""Pyramid: a picture at ever halved sizes, so that any patch of it is cut without aliasing."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from .geometry import scale_of


class Pyramid:
    """Cuts patches from a picture, uint8 RGB (h, w, 3), at any scale, turn and position; threads may share it.

    A patch much smaller than what it shows is taken from a halved copy: sampling the full picture would alias, and a
    face would look different at every size.
    """

    def __init__(self, picture: np.ndarray):
        self.height, self.width = picture.shape[:2]
        self._levels = [picture]
        self._making = threading.Lock()

    def cut(self, matrix: np.ndarray, size: int) -> np.ndarray:
        """The patch that `matrix` maps the picture onto, uint8 (size, size, 3).

        Beyond its edge the picture is mirrored: a face that the edge cuts in half becomes a whole one.
        """
        level = self._level(scale_of(matrix))
        source = self._levels[level]
        scale = np.array([self.width / source.shape[1], self.height / source.shape[0]])
        # From this level's pixels to the patch's; half a pixel, because OpenCV counts from the centre of the first.
        linear = matrix[:, :2] * scale
        shift = matrix[:, 2] - 0.5 + linear @ (0.5, 0.5)
        return cv2.warpAffine(
            source,
            np.column_stack([linear, shift]),
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )

    def _level(self, scale: float) -> int:
        """The smallest copy that is still no smaller than the patch's scale; made when first asked for."""
        wanted = max(0, int(np.floor(np.log2(1 / scale) + 1e-6)))
        with self._making:
            while len(self._levels) <= wanted and min(self._levels[-1].shape[:2]) > 1:
                h, w = self._levels[-1].shape[:2]
                self._levels.append(
                    cv2.resize(self._levels[-1], ((w + 1) // 2, (h + 1) // 2), interpolation=cv2.INTER_AREA)
                )
        return min(wanted, len(self._levels) - 1)
