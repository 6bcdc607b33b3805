"""Patches cut out of a picture, and the pyramid of ever halved copies from which they are cut without aliasing."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from .geometry import scale_of

_GREY = (127, 127, 127)


def cut_patch(picture: np.ndarray, matrix: np.ndarray, size: int, interpolation: int, border: int) -> np.ndarray:
    """The patch that a matrix maps a picture onto, sampled from the picture as it is.

    Args:
        picture: Uint8 RGB (height, width, 3).
        matrix: Float64 (2, 3), a map of `geometry`.
        size: Side length of the patch, in pixels.
        interpolation: OpenCV's `cv2.INTER_...`: how a value between pixels is found.
        border: OpenCV's `cv2.BORDER_...`: what lies beyond the picture's edge; with `cv2.BORDER_CONSTANT` a mid grey.

    Returns:
        Uint8 RGB (size, size, 3).
    """
    # Half a pixel on either side, because OpenCV counts from the centre of the first pixel.
    shift = matrix[:, 2] - 0.5 + matrix[:, :2] @ (0.5, 0.5)
    turned = np.column_stack([matrix[:, :2], shift])
    return cv2.warpAffine(picture, turned, (size, size), flags=interpolation, borderMode=border, borderValue=_GREY)


class Pyramid:
    """A picture from which patches are cut at any scale, rotation and position; threads may share it.

    A patch much smaller than what it shows is taken from a halved copy: sampling the full picture would alias, and a
    face would look different at every size.

    Args:
        picture: Uint8 RGB (height, width, 3).

    Attributes:
        width: Width of the picture, in pixels.
        height: Height of the picture, in pixels.

    Examples:
        >>> top_left = np.eye(2, 3)  # this map moves no point
        >>> Pyramid(np.zeros((480, 640, 3), np.uint8)).cut(top_left, 48).shape
        (48, 48, 3)
    """

    def __init__(self, picture: np.ndarray):
        self.height, self.width = picture.shape[:2]
        self._levels = [picture]
        self._making = threading.Lock()

    def cut(self, matrix: np.ndarray, size: int, border: int = cv2.BORDER_REFLECT) -> np.ndarray:
        """The patch that a matrix maps the picture onto.

        Args:
            matrix: Float64 (2, 3), a map of `geometry` from the whole picture.
            size: Side length of the patch, in pixels.
            border: OpenCV's `cv2.BORDER_...`: what lies beyond the picture's edge. Its mirror image makes a whole face
                of one that the edge cuts in half.

        Returns:
            Uint8 RGB (size, size, 3).
        """
        source = self._levels[self._level(scale_of(matrix))]
        scale = np.array([self.width / source.shape[1], self.height / source.shape[0]])
        from_level = np.column_stack([matrix[:, :2] * scale, matrix[:, 2]])
        return cut_patch(source, from_level, size, cv2.INTER_LINEAR, border)

    def _level(self, scale: float) -> int:
        """Number of the smallest copy that is still no smaller than the patch's scale; made when first asked for."""
        wanted = max(0, int(np.floor(np.log2(1 / scale) + 1e-6)))
        with self._making:
            while len(self._levels) <= wanted and min(self._levels[-1].shape[:2]) > 1:
                h, w = self._levels[-1].shape[:2]
                self._levels.append(
                    cv2.resize(self._levels[-1], ((w + 1) // 2, (h + 1) // 2), interpolation=cv2.INTER_AREA)
                )
        return min(wanted, len(self._levels) - 1)
