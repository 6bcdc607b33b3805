"""Sample: what a reader of a dataset yields for one image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sample:
    """One labelled crop.

    Attributes:
        image: Uint8, (height, width) or (height, width, 3) in RGB.
        label: Index into `FER7`.
        split: "training", "public-test" or "private-test".
        votes: FER+ votes in the order of `VOTE_COLUMNS`, or None.
    """

    image: np.ndarray
    label: int
    split: str
    votes: tuple[int, ...] | None = None
