"""Settings given as `name=value` -> an instance of a recipe's settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from training.errors import TrainingError


def parse_settings(kind: type, assignments: Iterable[str]) -> Any:
    """An instance of the dataclass `kind` with its defaults changed as `name=value` says.

    Raises:
        TrainingError: a name that `kind` does not have, or a value of another type.
    """
    defaults = kind()
    known = {field.name: type(getattr(defaults, field.name)) for field in fields(kind)}
    values = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or name not in known:
            raise TrainingError(f"--set {assignment}: give name=value, where name is one of {', '.join(known)}")
        try:
            values[name] = known[name](text)
        except ValueError:
            raise TrainingError(f"--set {assignment}: {text!r} is not a {known[name].__name__}") from None
    return kind(**values)
