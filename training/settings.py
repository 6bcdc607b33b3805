"""Settings of a recipe: made from a preset and `name=value`, checked, and their help texts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from core.recipes import Recipe
from training.errors import TrainingError

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_A = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def settings_of(recipe: Recipe, preset: str | None = None, assignments: Iterable[str] = ()) -> Any:
    """Make the settings of a recipe: its defaults, changed by a preset, then by assignments.

    Args:
        recipe: The recipe.
        preset: Name of one of the recipe's presets.
        assignments: Texts of the form `name=value`.

    Raises:
        TrainingError: The recipe has no such preset or setting, or a setting cannot have such a value.
    """
    if preset is not None and preset not in recipe.presets:
        known = f"has {', '.join(recipe.presets)}" if recipe.presets else "has none"
        raise TrainingError(f"--preset {preset}: the recipe {recipe.name!r} has no such preset; it {known}")
    return parse_settings(recipe.settings, assignments, recipe.presets[preset] if preset else {})


def parse_settings(kind: type, assignments: Iterable[str], preset=()) -> Any:
    """Make an instance of the dataclass `kind`: its defaults, changed by a preset, then by assignments `name=value`.

    Raises:
        TrainingError: `kind` has no such field, or a field cannot have such a value.
    """
    known = {field.name: type(field.default) for field in fields(kind)}
    values = dict(preset)
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or name not in known:
            raise TrainingError(f"--set {assignment}: give name=value, where name is one of {', '.join(known)}")
        try:
            values[name] = _value(known[name], text.strip())
        except ValueError:
            raise TrainingError(f"--set {assignment}: {text!r} is not {_A[known[name]]}") from None
    settings = kind(**values)
    check_settings(settings)
    return settings


def check_settings(settings: Any) -> None:
    """See that every setting has an allowed value.

    Raises:
        TrainingError: A value is not allowed; the message names the setting and the allowed values.
    """
    for field in fields(settings):
        value, rule = getattr(settings, field.name), field.metadata
        choices, least, most = rule.get("choices"), rule.get("least"), rule.get("most")
        if choices and value not in choices:
            raise TrainingError(f"{field.name}={value}: unknown; give one of {', '.join(choices)}")
        if isinstance(value, float) and not math.isfinite(value):
            raise TrainingError(f"{field.name}={value}: give a finite number")
        if (least is not None and value < least) or (most is not None and value > most):
            bounds = [f"at least {least}"] * (least is not None) + [f"at most {most}"] * (most is not None)
            raise TrainingError(f"{field.name}={value}: give {' and '.join(bounds)}")


def _value(kind: type, text: str) -> Any:
    if kind is not bool:
        return kind(text)
    if text.lower() not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[text.lower()]


def help_texts(kind: type) -> dict[str, str]:
    """Collect the help texts of a class of settings by field; without its own text a field has that of a base class."""
    texts: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        known = getattr(each, "__dataclass_fields__", {}).values()
        texts |= {field.name: field.metadata["help"] for field in known if field.metadata.get("help")}
    return texts
