"""The shelf of installed models: choosing the default, and taking a model away."""

from __future__ import annotations

import shutil

from .artifacts import DEFAULT_FILE, SHIPPED, default_model, folder_of, installed, model_folders
from .errors import ModelError
from .features import FEATURES
from .program import COMMAND, INSTALLED


def set_default(name: str) -> None:
    """Make a model the one that is used where none is named.

    Raises:
        ModelError: no such model can be used, or the choice cannot be written.
    """
    if name not in installed():
        folder_of(name)  # which says what is installed, where there is no such folder at all
        raise ModelError(f"model {name!r} is damaged and cannot be the default; `{COMMAND} doctor` says why")
    path = model_folders()[0] / DEFAULT_FILE
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(f"{name}\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror}); change the folder's permissions") from None


def why_kept(name: str) -> str | None:
    """Why a model cannot be deleted now and what to do first, in one sentence, else None."""
    cards = installed()
    if INSTALLED and folder_of(name).parent == SHIPPED:
        return f"{name} came with the package and goes with it."
    if list(cards) == [name]:
        return f"{name} is the only model; train or install another first."
    if name == default_model():
        return f"{name} is the default; make another model the default first."
    eaters = " and ".join(other for other, card in cards.items() if name in _models_run_by(card.feature["name"]))
    return f"{eaters} cannot read a face without {name}; delete {eaters} first." if eaters else None


def remove(name: str) -> None:
    """Delete a model's folder with all that is in it.

    Raises:
        ModelError: there is no such model, it must be kept (see `why_kept`), or its files cannot be deleted.
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
