"""The recipes, found by name. Importing this package imports no Keras."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from pathlib import Path

from ..errors import MienError
from . import layers
from .recipe import FitSettings, Recipe, Settings, setting

__all__ = [
    "FitSettings",
    "Recipe",
    "Settings",
    "UnknownRecipeError",
    "get_recipe",
    "recipes",
    "register",
    "register_layers",
    "setting",
]

_RECIPES: dict[str, Recipe] = {}


class UnknownRecipeError(MienError, LookupError):
    """A recipe name that nothing registered."""


def register(recipe: Recipe) -> Recipe:
    """Add a recipe to the registry under its name and hand it back."""
    if _RECIPES.setdefault(recipe.name, recipe) is not recipe:
        raise ValueError(f"a recipe named {recipe.name!r} is registered already")
    return recipe


def recipes() -> dict[str, Recipe]:
    """All registered recipes by name: those in this folder, and those in the files that `MIEN_RECIPES` names."""
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")
    for path in _outside():
        _import_file(path)
    return dict(sorted(_RECIPES.items()))


def get_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        UnknownRecipeError: nothing is registered under it.
    """
    known = recipes()
    if name not in known:
        lost = "".join(f"; MIEN_RECIPES names {path}, which is no Python file" for path in _outside(lost=True))
        raise UnknownRecipeError(f"unknown recipe {name!r}; known are: {', '.join(known)}{lost}")
    return known[name]


def register_layers() -> None:
    """Make Mien's own layers known to `keras.saving.load_model`; imports Keras."""
    for module in pkgutil.iter_modules(layers.__path__):
        importlib.import_module(f"{layers.__name__}.{module.name}")


def _outside(lost: bool = False) -> list[Path]:
    """The recipe files that `MIEN_RECIPES` names, with the system's path separator between them; or those not there."""
    named = [Path(name).expanduser() for name in os.environ.get("MIEN_RECIPES", "").split(os.pathsep) if name]
    return [path for path in named if lost != (path.suffix == ".py" and path.is_file())]


def _import_file(path: Path) -> None:
    """Run a recipe file once; a mistake in it is shown as Python shows it."""
    name = str(path.resolve())
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)  # where dataclasses look for their module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
