"""A recipe's settings as a form, made from the settings themselves."""

import math
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

import streamlit as st

from core.recipes import Recipe
from training.settings import meanings

_AT_ONCE = ("epochs", "batch", "learning_rate")
_SETTING_WIDTH = 190


def ask(recipe: Recipe, base: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The settings as the viewer wants them, by name.

    Args:
        recipe: Whose.
        base: What the form is filled with.
        key: Changes with whatever the form is filled from.
    """
    known = sorted(fields(recipe.settings), key=lambda field: field.name not in _AT_ONCE)
    first = [field for field in known if field.name in _AT_ONCE]
    chosen = _grid(recipe, first, base, key)
    with st.expander("More settings", icon=":material/tune:", expanded=not first):
        return chosen | _grid(recipe, known[len(first) :], base, key)


def _grid(recipe: Recipe, known: list[Field], base: Mapping[str, Any], key: str) -> dict[str, Any]:
    told = meanings(recipe.settings)
    with st.grid(min_column_width=_SETTING_WIDTH):
        return {field.name: _widget(field, base[field.name], told.get(field.name), key) for field in known}


def _widget(field: Field, value: Any, meaning: str | None, key: str) -> Any:
    rule, label = field.metadata, field.name.replace("_", " ")
    options = {"help": meaning, "key": f"{key}-{field.name}"}
    label = label[0].upper() + label[1:]
    if choices := rule.get("choices"):
        return st.selectbox(label, choices, index=choices.index(value), **options)
    if isinstance(value, bool):
        return st.toggle(label, value, **options)
    if isinstance(value, str):
        return st.text_input(label, value, **options)
    kind = type(value)
    least, most = (None if (end := rule.get(name)) is None else kind(end) for name in ("least", "most"))
    steps = {"step": 1} if kind is int else {"step": _step(value), "format": "%g"}
    return st.number_input(label, least, most, value, **steps, **options)


def _step(value: float) -> float:
    """A tenth of the value's first digit's place."""
    return 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 0.01
