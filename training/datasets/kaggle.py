"""Downloading datasets from Kaggle through `kagglehub`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.errors import DatasetError


@dataclass(frozen=True)
class KaggleSet:
    """A dataset on Kaggle.

    Attributes:
        handle: `owner/name` of a dataset, or the name of a competition.
        file: Name of the file to import; empty to import the whole folder.
        is_competition: Whether it belongs to a competition, whose rules must be accepted on its page first.
    """

    handle: str
    file: str = ""
    is_competition: bool = False


KAGGLE_SETS = {
    "fer2013": KaggleSet("msambare/fer2013"),
    "fer2013-csv": KaggleSet(
        "challenges-in-representation-learning-facial-expression-recognition-challenge",
        file="icml_face_data.csv",
        is_competition=True,
    ),
    "fer2013-validation": KaggleSet("jonathanoheix/face-expression-recognition-dataset"),
    "portraits": KaggleSet("tapakah68/facial-emotion-recognition"),
}
"""Datasets by a short name; `training download --help` says what each holds. Any other `owner/name` works as well."""


def download(name: str, out: Path | None = None) -> Path:
    """Download a dataset, unless it is on this machine already, and return the path to import.

    Args:
        name: A key of `KAGGLE_SETS`, or `owner/name`.
        out: Folder for the download; kagglehub's own cache if None.

    Raises:
        DatasetError: The name is unknown, kagglehub is not installed, or Kaggle asks for a token, has no such dataset
            or cannot be reached.
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
    return KaggleSet(name)


def _reason(wanted: KaggleSet, error: Exception) -> str:
    kind, status = type(error).__name__, getattr(getattr(error, "response", None), "status_code", None)
    page = f"https://www.kaggle.com/{'c' if wanted.is_competition else 'datasets'}/{wanted.handle}"
    if status in (401, 403) or kind in ("UnauthenticatedError", "CredentialError"):
        rules = f", accept the rules on {page}/rules" if wanted.is_competition else ""
        return (
            f"{wanted.handle}: Kaggle asks for a token; create one on https://www.kaggle.com/settings, put it into "
            f"~/.kaggle/ or the variables KAGGLE_USERNAME and KAGGLE_KEY{rules}, and try again"
        )
    if status == 404 or kind == "NotFoundError":
        return f"{wanted.handle}: Kaggle has no such dataset, or does not show it; look at {page}"
    if isinstance(error, OSError) and status is None and error.strerror and error.filename:
        return f"{error.filename}: cannot be written ({error.strerror}); choose another --out"
    first_line = (str(error).strip() or kind).splitlines()[0]
    return f"{wanted.handle}: cannot be downloaded ({first_line[:200]}); check the connection, or get it from {page}"
