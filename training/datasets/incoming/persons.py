"""Who is shown, and sometimes which expression, by the file names of well-known datasets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from training.errors import DatasetError

_TWO_LETTERS = {"AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy", "NE": "neutral", "SA": "sad"}
_ONE_LETTER = {"a": "angry", "d": "disgust", "f": "fear", "h": "happy", "n": "neutral", "s": "sad"}
_RAVDESS = ("neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise")


@dataclass(frozen=True)
class Scheme:
    """How one dataset names its files.

    Attributes:
        name: Name of the dataset.
        pattern: Matches a whole file name without its suffix; the group `person` is who is shown, the group
            `expression`, where there is one, a key of `codes`.
        codes: Name of the class by its code in the file name, in lower case.
    """

    name: str
    pattern: re.Pattern[str]
    codes: Mapping[str, str] = field(default_factory=dict)


def _scheme(name: str, pattern: str, codes: Mapping[str, str] | None = None) -> Scheme:
    return Scheme(
        name,
        re.compile(pattern, re.IGNORECASE | re.ASCII),
        {key.lower(): label for key, label in (codes or {}).items()},
    )


SCHEMES = (
    _scheme("CK+", r"(?P<person>S\d{3})[_-]\d{3}[_-]\d{8}(_.*)?"),
    _scheme("JAFFE", r"(?P<person>[A-Z]{2})[._-](?P<expression>AN|DI|FE|HA|NE|SA|SU)\d+[._-]\d+",
            _TWO_LETTERS | {"SU": "surprise"}),
    _scheme("KDEF", r"[AB](?P<person>[FM]\d{2})(?P<expression>AF|AN|DI|HA|NE|SA|SU)(FL|FR|HL|HR|S)",
            _TWO_LETTERS | {"AF": "fear", "SU": "surprise"}),
    _scheme("RaFD", r"Rafd\d{3}_(?P<person>\d+)_[a-z]+_[a-z]+_(?P<expression>[a-z]+)_[a-z]+",
            {name: name for name in
             ("angry", "contemptuous", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")}),
    _scheme("NimStim", r"(?P<person>\d{2}[FM])_(?P<expression>AN|CA|DI|FE|HA|NE|SA|SP)_[COX]",
            _TWO_LETTERS | {"CA": "calm", "SP": "surprise"}),
    _scheme("FACES", r"(?P<person>\d{1,3})_[ymo]_[fm]_(?P<expression>[adfhns])_[ab]", _ONE_LETTER),
    _scheme("CREMA-D", r"(?P<person>\d{4})_[A-Z]{3}_(?P<expression>ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX)([._-].*)?",
            {"ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}),
    _scheme("RAVDESS", r"\d{2}-\d{2}-(?P<expression>0[1-8])-\d{2}-\d{2}-\d{2}-(?P<person>\d{2})([._-].*)?",
            {f"{number:02}": name for number, name in enumerate(_RAVDESS, start=1)}),
    _scheme("Chicago Face Database", r"CFD-(?P<person>[A-Z]{2}-\d{3})-\d{3}-(?P<expression>A|F|HC|HO|N)",
            {"A": "angry", "F": "fear", "HC": "happy", "HO": "happy", "N": "neutral"}),
)  # fmt: skip
"""The known schemes; each is so particular that no other dataset's names fit it by chance."""


@dataclass(frozen=True)
class Named:
    """What a file name tells.

    Attributes:
        scheme: Name of the dataset whose scheme it fits.
        person: Name or number of the person who is shown.
        expression: Name of the class; None if the scheme does not tell.
    """

    scheme: str
    person: str
    expression: str | None


def told_by_name(name: str) -> Named | None:
    """Read a file name by the scheme that it fits; None if it fits none.

    Args:
        name: Path or name of a picture file.

    Examples:
        >>> told_by_name("KDEF/AF01/AF01ANS.JPG")
        Named(scheme='KDEF', person='F01', expression='angry')
    """
    stem = PurePosixPath(name).stem
    for scheme in SCHEMES:
        if match := scheme.pattern.fullmatch(stem):
            found = match.groupdict()
            code = found.get("expression")
            return Named(scheme.name, found["person"].upper(), code and scheme.codes.get(code.lower(), code))
    return None


def person_pattern(text: str) -> re.Pattern[str]:
    """Read a user's regular expression for who is shown.

    Raises:
        DatasetError: It is no regular expression.
    """
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise DatasetError(
            f"--person {text}: no regular expression ({error}); such as '^(.+?)_' for what stands before the first _"
        ) from None


def person_by(pattern: re.Pattern[str], name: str) -> str | None:
    """Find who is shown by a user's pattern, which may match anywhere in a picture's path within its source.

    Returns:
        The group named `person`, or else the first group, or else the whole match; None if there is no match.

    Examples:
        >>> person_by(re.compile(r"subject(\\d+)"), "happy/subject07_3.png")
        '07'
    """
    if not (match := pattern.search(name)):
        return None
    named = match.groupdict().get("person")
    return named or (match[1] if pattern.groups else match[0]) or None
