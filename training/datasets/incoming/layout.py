"""What a reader of a format finds in a source: labelled pictures, not yet decoded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training.datasets.incoming.classes import Classes
from training.datasets.incoming.tree import Tree


@dataclass(frozen=True)
class Hints:
    """What a user says about a source.

    Attributes:
        classes: Meanings of class names.
        image: Name of a table's column of pictures; None to find it.
        label: Name of a table's column of labels; None to find it.
        person: Finds who is shown in a picture's path within the source; None to use folders and known file names.
    """

    classes: Classes = field(default_factory=Classes)
    image: str | None = None
    label: str | None = None
    person: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Box:
    """Where a face is on a picture.

    Attributes:
        left: Distance of the left edge from the picture's, in pixels, or as a share of the picture's width.
        top: Distance of the upper edge from the picture's, in pixels, or as a share of the picture's height.
        width: Width, in pixels, or as a share of the picture's width.
        height: Height, in pixels, or as a share of the picture's height.
        is_share: Whether the numbers are shares of the picture's sides.
    """

    left: float
    top: float
    width: float
    height: float
    is_share: bool = False

    def on(self, image: np.ndarray) -> tuple[float, float, float, float] | None:
        """Return left, top, width and height in pixels of a picture; None if the box lies outside."""
        height, width = image.shape[:2]
        across, down = (width, height) if self.is_share else (1, 1)
        x, y, w, h = self.left * across, self.top * down, self.width * across, self.height * down
        if not np.isfinite([x, y, w, h]).all():
            return None
        left, top, right, bottom = max(x, 0.0), max(y, 0.0), min(x + w, width), min(y + h, height)
        return (left, top, right - left, bottom - top) if right - left >= 1 and bottom - top >= 1 else None


@dataclass(frozen=True)
class Picture:
    """A labelled picture of a source.

    Attributes:
        name: Path of the picture within the source, for messages.
        label: Name or number of its class, as the source writes it.
        content: A picture file, pixels as uint8 (48, 48), or a function that returns a file's bytes.
        split: Name of its split; None if the source does not tell.
        person: Identifier of who is shown; None if the source does not tell.
        votes: Ten FER+ votes in the order of `VOTE_COLUMNS`; None if there are none.
        box: Where the labelled face is; None if the picture is about one face.
    """

    name: str
    label: str
    content: Path | np.ndarray | Callable[[], bytes]
    split: str | None = None
    person: str | None = None
    votes: tuple[int, ...] | None = None
    box: Box | None = None


@dataclass(frozen=True)
class Layout:
    """What a reader understood of a source.

    Attributes:
        description: Name of the format, with what is particular here.
        pictures: The labelled pictures.
        numbers: Name of the class by its number, where the format or a list in the source tells.
        used: Files that were read besides the pictures, such as tables.
        lost: Name and reason of each picture that the source names but does not hold.
        is_fer2013: Whether the pictures are the rows of FER2013's csv in order, which FER+ votes belong to.
    """

    description: str
    pictures: Sequence[Picture]
    numbers: Mapping[str, str] = field(default_factory=dict)
    used: frozenset[Path] = frozenset()
    lost: tuple[tuple[str, str], ...] = ()
    is_fer2013: bool = False


@dataclass(frozen=True)
class Format:
    """A format that datasets are given out in.

    Attributes:
        name: Name of the format.
        shape: How its files look, in one line, for help and messages.
        read: Takes the files of a source and what the user says of it; returns what it understood, or None if the
            source is of another format. It raises a `DatasetError` for a source of this format that is ill-formed.
        rank: Formats of lower rank are tried first. Those that only their own files fit have 0; the more general a
            format, the higher.
        takes_columns: Whether it heeds the names of columns that a user gives.
    """

    name: str
    shape: str
    read: Callable[[Tree, Hints], Layout | None]
    rank: int = 0
    takes_columns: bool = False
