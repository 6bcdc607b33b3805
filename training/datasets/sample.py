"""Sample: what a reader of a dataset yields for one image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.labels import FERPLUS8


@dataclass(frozen=True)
class Sample:
    """One labelled image.

    Attributes:
        image: Uint8, (height, width) or (height, width, 3) in RGB; where it goes into a dataset file, 48x48.
        label: Index into `FERPLUS8`, whose first seven are those of `FER7`.
        split: "training", "public-test" or "private-test".
        votes: FER+ votes in the order of `VOTE_COLUMNS`, or None.
        source: Name of the source it comes from.
        person: Who it shows, a name that is unique in the dataset; None where nobody knows.
        found: Whether a face was found; where not, `image` is the whole picture, and no crop of it.
        name: Where it lies in the source, for messages.
    """

    image: np.ndarray
    label: int
    split: str
    votes: tuple[int, ...] | None = None
    source: str = ""
    person: str | None = None
    found: bool = True
    name: str = ""


VOTE_COLUMNS = (*FERPLUS8.labels, "unknown", "not-a-face")
"""The ten columns of a dataset's votes, in this order."""


SPLITS = ("training", "public-test", "private-test")


PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif", ".jp2"}
)
