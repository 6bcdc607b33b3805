"""The recipes, found by name. Importing this package imports no Keras."""

from __future__ import annotations

import importlib
import pkgutil

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


class UnknownRecipeError(LookupError):
    """A recipe name that nothing registered."""


def register(recipe: Recipe) -> Recipe:
    """Add a recipe to the registry under its name and hand it back."""
    if _RECIPES.setdefault(recipe.name, recipe) is not recipe:
        raise ValueError(f"a recipe named {recipe.name!r} is registered already")
    return recipe


def recipes() -> dict[str, Recipe]:
    """All registered recipes by name; those in this folder are imported on the first call."""
    _import_modules(layers=False)
    return dict(sorted(_RECIPES.items()))


def get_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        UnknownRecipeError: nothing is registered under it.
    """
    known = recipes()
    if name not in known:
        raise UnknownRecipeError(f"unknown recipe {name!r}; known are: {', '.join(known)}")
    return known[name]


def register_layers() -> None:
    """Make Mien's own layers known to `keras.saving.load_model`; imports Keras."""
    _import_modules(layers=True)


def _import_modules(layers: bool) -> None:
    """Import what is in this folder: the modules named `...layers`, which need Keras, or the others."""
    for module in pkgutil.iter_modules(__path__):
        if module.name.endswith("layers") == layers:
            importlib.import_module(f"{__name__}.{module.name}")
