"""What the class names of a dataset stand for: spellings, languages, numbers, and what a user states of them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.labels import FERPLUS8, UnknownLabelError
from training.errors import DatasetError

NUMBERS: Mapping[str, Mapping[str, str]] = {
    "fer2013": dict(enumerate(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"))),
    "ferplus": dict(enumerate(("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"))),
    "raf-db": dict(enumerate(("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), start=1)),
    "affectnet": dict(enumerate(("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"))),
    "expw": dict(enumerate(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"))),
    "ck+": dict(enumerate(("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"))),
}
NUMBERS = {name: {str(number): label for number, label in order.items()} for name, order in NUMBERS.items()}
"""Label of each class number, by the dataset that numbers its classes so."""

LEFT_OUT = "-"
"""What a user writes in place of an expression to leave a class out."""

_TRANSLATIONS = Path(__file__).with_name("class_names.csv")
_AROUND = re.compile(
    r"^(?:faces?|class|\d+)\s+(?=\D)|(?<=\w)\s+(?:faces?|people|persons?|expressions?|emotions?|images?|photos?|class)$"
)


def plain(name: str) -> str:
    """Return a name as it is compared: in lower case, without accents, with one space between words.

    Examples:
        >>> plain(" Face_COLÈRE ")
        'face colere'
    """
    letters = unicodedata.normalize("NFKD", str(name)).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.split(r"[\s_.\-]+", letters)).strip()


def number_of(name: str) -> str:
    """Return a whole number without sign and zeros around it (`3.0` becomes `3`), any other text with single spaces."""
    match = re.fullmatch(r"\s*\+?0*(\d+)(?:\.0*)?\s*", str(name), re.ASCII)
    return match[1] if match else " ".join(str(name).split())


@cache
def _spellings() -> dict[str, str]:
    """Label by every known spelling, in the form of `plain`."""
    found = {plain(word): label for word, label in FERPLUS8.spellings.items()}
    with _TRANSLATIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found |= {plain(word): label for label in FERPLUS8.labels for word in row[label].split()}
    return found | {label: label for label in FERPLUS8.labels}


def _stated_label(text: str, option: str) -> str | None:
    if text == LEFT_OUT:
        return None
    if label := _spellings().get(plain(text)):
        return label
    raise DatasetError(
        f"--classes {option}: {text!r} is no expression; give one of {', '.join(FERPLUS8.labels)}, or {LEFT_OUT} to "
        "leave the class out"
    )


@dataclass(frozen=True)
class Classes:
    """Finds the expressions that class names stand for.

    Attributes:
        stated: Label, or None for "leave it out", by name of a class, as the user states them; these come first.
        numbers: Label by number, where the user states an order.
    """

    stated: Mapping[str, str | None] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Classes:
        """Read what a user states of classes.

        Args:
            text: Pairs such as `1=surprise,Ahegao=-`, where - leaves a class out; or the name of a dataset whose
                numbers are meant, a key of `NUMBERS`; or expressions in the order of their numbers, from 0.

        Raises:
            DatasetError: The text is none of these, or names an expression that does not exist.

        Examples:
            >>> Classes.parse("1=surprise, Ahegao=-").stated
            {'1': 'surprise', 'ahegao': None}
        """
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if len(parts) == 1 and parts[0].lower() in NUMBERS:
            return cls(numbers=NUMBERS[parts[0].lower()])
        if len(parts) > 1 and not any("=" in part for part in parts):
            labels = [_stated_label(part, text) for part in parts]
            return cls({str(i): None for i, label in enumerate(labels) if label is None},
                       {str(i): label for i, label in enumerate(labels) if label})  # fmt: skip
        stated = {}
        for part in parts:
            name, is_pair, label = (each.strip() for each in part.rpartition("="))
            if not is_pair or not name or not label:
                raise DatasetError(
                    f"--classes {text}: {part!r} is no pair such as Ahegao={LEFT_OUT} or 1=surprise; separate pairs by "
                    f"commas, or name an order: {', '.join(NUMBERS)}"
                )
            stated[plain(number_of(name))] = _stated_label(label, text)
        return cls(stated)

    def label_of(self, name: str, numbers: Mapping[str, str] | None = None) -> int | None:
        """Find the expression that a class stands for.

        What the user states comes first, then the dataset's own numbers, then spellings in all known languages, also
        with `face_` or a number before the name.

        Args:
            name: Name or number of the class, as the dataset writes it.
            numbers: Name of the class by number, where the dataset's kind or a list in it tells.

        Returns:
            Index into `FERPLUS8`; None if the user leaves the class out.

        Raises:
            UnknownLabelError: Nothing says what the class is.

        Examples:
            >>> FERPLUS8.labels[Classes().label_of("Enojado")]
            'angry'
        """
        number = number_of(name)
        meant = self.numbers.get(number) or (numbers or {}).get(number) or number
        keys = [plain(number), plain(meant), _AROUND.sub("", _AROUND.sub("", plain(meant)))]
        label = next((label for key in keys if (label := _spellings().get(key))), "")
        for key in (*keys, label):
            if key in self.stated:
                label = self.stated[key]
                return None if label is None else FERPLUS8.index(label)
        if not label:
            raise UnknownLabelError(f"unknown expression {str(name)[:80]!r}")
        return FERPLUS8.index(label)

    def knows(self, name: str) -> bool:
        """Tell whether `label_of` knows a name, or the user leaves it out."""
        try:
            self.label_of(name)
        except UnknownLabelError:
            return False
        return True
