"""Places on this machine: of the engine itself, of models, and of files that were fetched."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = __package__.partition(".")[0]
_ENGINE = Path(__file__).resolve().parents[1]

INSTALLED = _PACKAGE == "mien"
"""Whether the engine was installed by itself, without the workshop and the pages."""

COMMAND = "mien" if INSTALLED else f"python -m {_PACKAGE}"
"""The name of the engine's command line, for sentences that tell people what to run."""

SHIPPED = _ENGINE / "shipped" if INSTALLED else _ENGINE.parent / "models"
"""The models that come with the engine: inside the installed package, or beside `core` in a checkout."""


def model_folders() -> list[Path]:
    """The folders in which models are looked for, in this order; a new model goes to the first one.

    They are the folder that `MIEN_MODELS` names, `./models`, `SHIPPED`, and one in the user's cache.
    """
    named = os.environ.get("MIEN_MODELS")
    cache = _user_cache() / "models"
    places = [Path(named).expanduser()] if named else []
    return list(dict.fromkeys([*places, Path("models").absolute(), SHIPPED, cache]))


def cache_folder() -> Path:
    """The folder in which fetched files are kept between runs."""
    return _user_cache() / "assets"


def _user_cache() -> Path:
    import platformdirs  # a machine that only fits a recipe does not have it

    return platformdirs.user_cache_path("mien", appauthor=False)
