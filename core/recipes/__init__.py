"""The registry of recipes. Importing this package imports no Keras.

A recipe is one module in this folder, or one file that `MIEN_RECIPES` names, which calls `register`.
"""

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
    """No recipe is registered under a name."""


def register(recipe: Recipe) -> Recipe:
    """Add a recipe to the registry under its name and return it.

    Raises:
        ValueError: Another recipe has that name.
    """
    if _RECIPES.setdefault(recipe.name, recipe) is not recipe:
        raise ValueError(f"a recipe named {recipe.name!r} is registered already")
    return recipe


def recipes() -> dict[str, Recipe]:
    """All recipes by name, in alphabetical order: those of this folder and of the files that `MIEN_RECIPES` names.

    Examples:
        >>> recipes()["quick"].feature
        'pixels'
    """
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")
    for path in _outside():
        _import_file(path)
    return dict(sorted(_RECIPES.items()))


def get_recipe(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        UnknownRecipeError: No recipe has that name.
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
    """The recipe files that `MIEN_RECIPES` names, separated as in `PATH`: those that exist, or those that do not."""
    named = [Path(name).expanduser() for name in os.environ.get("MIEN_RECIPES", "").split(os.pathsep) if name]
    return [path for path in named if lost != (path.suffix == ".py" and path.is_file())]


def _import_file(path: Path) -> None:
    """Import a recipe file once; errors in it are raised as they are."""
    name = str(path.resolve())
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
