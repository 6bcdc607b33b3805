"""Where the engine lives on this machine, and where it looks for models and keeps what it fetches."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_PACKAGE = __package__.partition(".")[0]
_ENGINE = Path(__file__).resolve().parents[1]

INSTALLED = _PACKAGE == "mien"
"""Whether the engine was installed by itself, without the workshop and the pages."""

COMMAND = "mien" if INSTALLED else f"python -m {_PACKAGE}"
"""How its command line is called, for sentences that tell people what to run."""

SHIPPED = _ENGINE / "shipped" if INSTALLED else _ENGINE.parent / "models"
"""The models that come with the engine: inside the installed package, or beside `core` in a checkout."""


def model_folders() -> list[Path]:
    """Where models are looked for, the first place first; a new model goes there.

    The folder that `MIEN_MODELS` names, `./models`, what comes with the engine, the user's cache.
    """
    named = os.environ.get("MIEN_MODELS")
    cache = platformdirs.user_cache_path("mien", appauthor=False) / "models"
    places = [Path(named).expanduser()] if named else []
    return list(dict.fromkeys([*places, Path("models").absolute(), SHIPPED, cache]))


def cache_folder() -> Path:
    """Where fetched files are kept between runs."""
    return platformdirs.user_cache_path("mien", appauthor=False) / "assets"
