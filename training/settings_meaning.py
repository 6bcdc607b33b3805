"""What a recipe's settings mean: the line below each field in its source, which Python does not keep."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache


@cache
def meanings(kind: type) -> dict[str, str]:
    """By the name of a field, what its docstring says; of a field that several classes define, the last one's."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__[:-1]):
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        for field, text in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                found[field.target.id] = inspect.cleandoc(text.value.value)
    return found
