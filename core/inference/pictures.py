"""Pictures in the form that a model from elsewhere takes: another size, three channels, numbers of another range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

LARGEST_SIDE = 1024
"""Largest side, in pixels, of the pictures that are made."""


@dataclass(frozen=True)
class PictureForm:
    """The pictures that a model takes: float32 of a height, a width and a number of channels.

    A pixel from black to white runs from `low` to `high`; then `mean` is taken off and the rest divided by `deviation`.
    The picture is grey, so its channels differ in these two alone.

    Attributes:
        height: In pixels.
        width: In pixels.
        channels: 1 or 3.
        low: Number for black.
        high: Number for white.
        mean: (channels,), in the order of the model's channels.
        deviation: (channels,), in the same order; none is 0.
    """

    height: int
    width: int
    channels: int
    low: float
    high: float
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.height, self.width, self.channels

    @property
    def scale(self) -> np.ndarray:
        """Float32 (channels,): what a pixel from 0 to 255 is multiplied by."""
        return ((self.high - self.low) / 255 / self._each(self.deviation, 1.0)).astype(np.float32)

    @property
    def offset(self) -> np.ndarray:
        """Float32 (channels,): what is added afterwards."""
        return ((self.low - self._each(self.mean, 0.0)) / self._each(self.deviation, 1.0)).astype(np.float32)

    def _each(self, values: Sequence[float], default: float) -> np.ndarray:
        return np.array(values or [default] * self.channels, dtype=np.float64)

    def made_of(self, crops: np.ndarray) -> np.ndarray:
        """Bring grey pictures into this form.

        Args:
            crops: Uint8 (n, height, width, 1), of any size.

        Returns:
            Float32 (n, height, width, channels).

        Examples:
            >>> form = PictureForm(2, 2, 3, 0, 1, mean=(0.5, 0, 0), deviation=(0.5, 1, 1))
            >>> form.made_of(np.full((1, 2, 2, 1), 255, np.uint8))[0, 0, 0].tolist()
            [1.0, 1.0, 1.0]
        """
        grey = crops[..., 0].astype(np.float32)
        if grey.shape[1:] != (self.height, self.width):
            grey = np.stack(
                [cv2.resize(one, (self.width, self.height), interpolation=cv2.INTER_LINEAR) for one in grey]
            )
        return grey[..., None] * self.scale + self.offset


def in_whole_numbers(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Round to a dtype of whole numbers; what it cannot hold becomes its nearest number.

    Examples:
        >>> in_whole_numbers(np.array([-3.0, 1.6, 300.0]), np.dtype("uint8")).tolist()
        [0, 2, 255]
    """
    limits = np.iinfo(dtype)
    return np.clip(np.round(values), limits.min, limits.max).astype(dtype)


def channels_first(declared: Sequence[int | None], form: PictureForm, default: bool) -> bool:
    """Tell whether a model's channels come before height and width, as in PyTorch, or after, as in TensorFlow.

    Args:
        declared: The three sides of the pictures that the model's file names; None for one of any size.
        form: The pictures that the model is given.
        default: The answer where the file leaves it open.

    Raises:
        ValueError: The file names other pictures; the message says which.
    """
    orders = {True: (form.channels, form.height, form.width), False: form.shape}
    fitting = [
        first
        for first, sides in orders.items()
        if len(declared) == 3 and all(have in (None, side) for have, side in zip(declared, sides, strict=True))
    ]
    if not fitting:
        shown = "x".join("any" if side is None else str(side) for side in declared)
        raise ValueError(f"takes {shown or 'single numbers'}, not pictures of {'x'.join(map(str, form.shape))}")
    return fitting[0] if len(fitting) == 1 else default
