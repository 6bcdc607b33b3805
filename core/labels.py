"""Label sets: the named orders of expressions that models answer in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .errors import MienError


@dataclass(frozen=True)
class LabelSet:
    """An ordered set of expression labels.

    Attributes:
        name: Name that cards and datasets refer to it by.
        labels: Labels in the order of a model's output.
        colours: Hex colour of each label, from Paul Tol's "muted" and Okabe-Ito palettes, which colour-blind people can
            tell apart on light and on dark grounds.
        spellings: Other lower-case names in use, each with its label.
    """

    name: str
    labels: tuple[str, ...]
    colours: Mapping[str, str]
    spellings: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.labels)

    def index(self, name: str) -> int:
        """Position of a label, given in any known spelling.

        Raises:
            UnknownLabelError: The name is none of the known spellings.

        Examples:
            >>> FER7.index("Happiness")
            3
        """
        key = name.strip().lower()
        label = self.spellings.get(key, key)
        if label not in self.labels:
            known = ", ".join(sorted({*self.labels, *self.spellings}))
            raise UnknownLabelError(f"unknown expression {name!r}; known are: {known}")
        return self.labels.index(label)


class UnknownLabelError(MienError, ValueError):
    """The name of an expression is not among the spellings of a label set."""


_COLOURS = {
    "angry": "#D55E00",
    "disgust": "#6A8F1F",
    "fear": "#8E5FC0",
    "happy": "#E6A100",
    "sad": "#3D7DCA",
    "surprise": "#18A999",
    "neutral": "#8A8F98",
    "contempt": "#C2569B",
}

_SPELLINGS = {
    "anger": "angry",
    "disgusted": "disgust",
    "disgusting": "disgust",
    "fearful": "fear",
    "fearfull": "fear",
    "afraid": "fear",
    "scared": "fear",
    "happiness": "happy",
    "happyness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "suprise": "surprise",
    "suprised": "surprise",
    "surprize": "surprise",
    "neutrality": "neutral",
    "contemptuous": "contempt",
}

_FER7 = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def _label_set(name: str, labels: tuple[str, ...]) -> LabelSet:
    return LabelSet(
        name,
        labels,
        colours={label: _COLOURS[label] for label in labels},
        spellings={spelling: label for spelling, label in _SPELLINGS.items() if label in labels},
    )


FER7 = _label_set("fer7", _FER7)
"""The seven labels of FER2013, in the order of its csv file."""

FERPLUS8 = _label_set("ferplus8", (*_FER7, "contempt"))
"""The eight labels of FER+: FER2013's seven, then contempt."""

LABEL_SETS: Mapping[str, LabelSet] = {label_set.name: label_set for label_set in (FER7, FERPLUS8)}


def is_answered(values: np.ndarray) -> np.ndarray:
    """Tell which rows hold an answer: a row with a NaN stands for a face that was not found.

    Args:
        values: Float (..., k), a probability or a logit for each label of a label set.

    Returns:
        Bool (...).

    Examples:
        >>> is_answered(np.array([[0.25, 0.75], [np.nan, np.nan]]))
        array([ True, False])
    """
    return ~np.isnan(values).any(axis=-1)
