"""The formats that datasets are given out in: one module each, found by being in this folder.

A module declares `FORMAT`, a `Format`, whose `read` tells by the content of a source whether it is of that format, and
lists its labelled pictures. Decoding, class names, people, splits and crops are the same for all formats and lie
elsewhere.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from training.datasets.incoming.layout import Format


@cache
def formats() -> tuple[Format, ...]:
    """All formats, in the order in which a source is compared with them.

    Examples:
        >>> [each.name for each in formats()][-1]
        'words in file names'
    """
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found = [importlib.import_module(f"{__name__}.{name}").FORMAT for name in names]
    return tuple(sorted(found, key=lambda each: (each.rank, each.name)))
