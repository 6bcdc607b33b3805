"""The installed models: which there are, which is the default, and deleting one."""

from __future__ import annotations

import shutil

from ..cards import Card
from ..errors import ModelError
from ..features import FEATURES
from ..model_store import folder_of, found
from ..runtime import paths
from ..runtime.files import write_whole
from ..runtime.paths import COMMAND, INSTALLED
from .artifact import feature_of

DEFAULT_FILE = "default.txt"
"""Name of the file beside the model folders that holds the name of the chosen default model."""

# Without a choice the default is the first of these that is installed.
_PREFERRED = ("flagship", "flagship-tiny", "quick")


def installed() -> dict[str, Card]:
    """The cards of all models that can be used, by name, the default first.

    A folder whose card is damaged or does not fit this version is left out; `doctor` names it.
    """
    cards = {}
    for name, folder in found().items():
        try:
            card = Card.load(folder)
            feature_of(card, folder)
        except ModelError:
            continue
        cards[name] = card
    first = (chosen_default(), *_PREFERRED)
    order = sorted(cards, key=lambda name: (first.index(name) if name in first else len(first), name))
    return {name: cards[name] for name in order}


def chosen_default() -> str | None:
    """The name in `DEFAULT_FILE`, if there is one; the model itself may be gone, which `doctor` reports."""
    try:
        return (paths.model_folders()[0] / DEFAULT_FILE).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def default_model() -> str:
    """Name of the model that is used where none is named.

    Raises:
        ModelError: No model is installed.
    """
    for name in installed():
        return name
    places = " or ".join(map(str, paths.model_folders()))
    raise ModelError(f"no model is installed in {places}; train one with `python -m training train quick`")


def set_default(name: str) -> None:
    """Make a model the one that is used where none is named.

    Raises:
        ModelError: No such model can be used, or the choice cannot be written.
    """
    if name not in installed():
        folder_of(name)  # if there is no such folder at all, its error lists the models that there are
        raise ModelError(f"model {name!r} is damaged and cannot be the default; `{COMMAND} doctor` says why")
    path = paths.model_folders()[0] / DEFAULT_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, f"{name}\n")
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror}); change the folder's permissions") from None


def described(card: Card) -> str:
    """How often a model is right, in a few words for a list; empty where its final test is not measured.

    Examples:
        >>> described(installed()["flagship"])  # doctest: +SKIP
        '71% right on FER2013'
    """
    accuracy, dataset = card.metrics.get("private_test", {}).get("accuracy"), card.measured_on("private_test")
    if not accuracy:
        return ""
    return f"{accuracy:.0%} right" + (f" on {dataset}" if dataset else "")


def why_kept(name: str) -> str | None:
    """One sentence on why a model cannot be deleted now and what to do first; None where it can.

    Raises:
        ModelError: There is no such model.
    """
    cards = installed()
    if INSTALLED and folder_of(name).parent == paths.SHIPPED:
        return f"{name} came with the package and goes with it."
    if list(cards) == [name]:
        return f"{name} is the only model; train or install another first."
    if name == default_model():
        return f"{name} is the default; make another model the default first."
    users = " and ".join(other for other, card in cards.items() if name in _models_run_by(card.feature["name"]))
    return f"{users} cannot read a face without {name}; delete {users} first." if users else None


def remove(name: str) -> None:
    """Delete a model's folder with all that is in it.

    Raises:
        ModelError: There is no such model, it must be kept (see `why_kept`), or its files cannot be deleted.
    """
    folder = folder_of(name)
    if reason := why_kept(name):
        raise ModelError(f"{folder}: not deleted: {reason}")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise ModelError(f"{folder}: cannot be deleted ({error.strerror or error}); delete it by hand") from None


def _models_run_by(feature: str) -> set[str]:
    return {file.model for file in FEATURES[feature].model_files}
