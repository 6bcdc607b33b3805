"""`Sample`, the labelled image that readers yield, and the constants that all readers share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.labels import FERPLUS8


@dataclass(frozen=True)
class Sample:
    """One labelled image.

    Attributes:
        image: Uint8, (height, width) or (height, width, 3) in RGB; 48x48 when it is written to a dataset file.
        label: Index into `FERPLUS8`, whose first seven labels are those of `FER7`.
        split: "training", "public-test" or "private-test".
        votes: Ten FER+ votes in the order of `VOTE_COLUMNS`, or None.
        source: Name of the source that the image comes from.
        person: Identifier of the person shown, unique in the dataset; None if unknown.
        found: Whether a face was found. If not, `image` is the whole picture rather than a crop.
        name: Path of the file within the source, for messages.
        box: Left, top, width and height of the labelled face on `image`, in pixels, where the source marks it.
    """

    image: np.ndarray
    label: int
    split: str
    votes: tuple[int, ...] | None = None
    source: str = ""
    person: str | None = None
    found: bool = True
    name: str = ""
    box: tuple[float, float, float, float] | None = None


VOTE_COLUMNS = (*FERPLUS8.labels, "unknown", "not-a-face")
"""What people could vote for in FER+, in the order of a dataset's `votes` column."""

SPLITS = ("training", "public-test", "private-test")
