"""Datasets of Kaggle, fetched through `kagglehub`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.errors import DatasetError


@dataclass(frozen=True)
class KaggleSet:
    """Where a dataset lies on Kaggle.

    Attributes:
        handle: `owner/name` of a dataset, or the name of a competition.
        what: What it holds, in words.
        file: The one file of it to import; all of it if empty.
        is_competition: Whether it belongs to a competition, whose rules must be accepted on its page first.
    """

    handle: str
    what: str
    file: str = ""
    is_competition: bool = False


KAGGLE_SETS = {
    "fer2013": KaggleSet(
        "msambare/fer2013", "FER2013 as JPEG files in train/ and test/; its names tell the three splits"
    ),
    "fer2013-csv": KaggleSet(
        "challenges-in-representation-learning-facial-expression-recognition-challenge",
        "FER2013 as the competition gave it out, which FER+ votes go with",
        file="icml_face_data.csv",
        is_competition=True,
    ),
    "fer2013-validation": KaggleSet(
        "jonathanoheix/face-expression-recognition-dataset",
        "FER2013 as JPEG files in images/train/ and images/validation/",
    ),
    "portraits": KaggleSet(
        "tapakah68/facial-emotion-recognition", "portraits of people in eight expressions, with emotions.csv"
    ),
}
"""Short names of the sets that this project knows; any other `owner/name` works as well."""


def download(name: str, out: Path | None = None) -> Path:
    """Fetch a set, unless it is here already, and return the path to import.

    Args:
        name: A key of `KAGGLE_SETS`, or `owner/name`.
        out: Folder to put it in; kagglehub's own cache if None.

    Raises:
        DatasetError: the name is unknown, kagglehub is not installed, Kaggle wants a token, has no such set, or cannot
            be reached.
    """
    wanted = KAGGLE_SETS.get(name) or _by_handle(name)
    try:
        import kagglehub
    except ImportError:
        raise DatasetError("downloading needs the library kagglehub; install it with `pip install kagglehub`") from None
    fetch = kagglehub.competition_download if wanted.is_competition else kagglehub.dataset_download
    where = {"output_dir": str(out)} if out else {}
    try:
        folder = Path(fetch(wanted.handle, **where))
    except Exception as error:  # kagglehub raises half a dozen kinds of its own, of requests and of the system
        raise DatasetError(_reason(wanted, error)) from None
    return folder / wanted.file if wanted.file and (folder / wanted.file).exists() else folder


def _by_handle(name: str) -> KaggleSet:
    owner, _, rest = name.partition("/")
    if not owner or not rest or "/" in rest or any(character.isspace() for character in name):
        known = ", ".join(KAGGLE_SETS)
        raise DatasetError(f"unknown dataset {name!r}; known are {known}, and any `owner/name` of Kaggle")
    return KaggleSet(name, "")


def _reason(wanted: KaggleSet, error: Exception) -> str:
    kind, status = type(error).__name__, getattr(getattr(error, "response", None), "status_code", None)
    page = f"https://www.kaggle.com/{'c' if wanted.is_competition else 'datasets'}/{wanted.handle}"
    if status in (401, 403) or kind in ("UnauthenticatedError", "CredentialError"):
        rules = f", accept the rules on {page}/rules" if wanted.is_competition else ""
        return (
            f"Kaggle wants to know who asks for {wanted.handle}: make a token on https://www.kaggle.com/settings, put "
            f"it into ~/.kaggle/ or the variables KAGGLE_USERNAME and KAGGLE_KEY{rules}, and try again"
        )
    if status == 404 or kind == "NotFoundError":
        return f"Kaggle has no {wanted.handle}, or has hidden it; look at {page}"
    if isinstance(error, OSError) and status is None and error.strerror and error.filename:
        return f"{error.filename}: cannot be written ({error.strerror}); choose another --out"
    first_line = (str(error).strip() or kind).splitlines()[0]
    return f"{wanted.handle} could not be downloaded ({first_line[:200]}); check the connection, or get it from {page}"
