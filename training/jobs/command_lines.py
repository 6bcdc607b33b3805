"""The command lines of jobs, as a user would type them."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.recipes import Recipe
from training.settings import settings_of

_WORKSHOP = (sys.executable, "-m", "training")


def train(
    recipe: Recipe,
    settings: Any,
    data: Path,
    run: Path,
    *,
    preset: str | None = None,
    start: str | None = None,
    seed: int = 0,
    precision: str = "float32",
    minutes: float | None = None,
) -> list[str]:
    """Compose the command that fits a recipe in the folder `run`; installing is left to `adopt`.

    Args:
        recipe: The recipe to fit.
        settings: An instance of `recipe.settings`.
        data: File that `training import` wrote.
        run: Run folder, whose name is the model's.
        preset: Name of the preset whose settings stand in the command by its name.
        start: Installed model or run folder to begin from.
        seed: Seed of the weights, of the order of the examples and of the jitter.
        precision: Keras dtype policy of the fit.
        minutes: Time after which the fit stops.
    """
    command = [*_WORKSHOP, "train", recipe.name, "--data", str(data), "--name", run.name, "--run", str(run)]
    given = {"--preset": preset, "--from": start, "--minutes": minutes}
    for option, value in given.items():
        if value:
            command += [option, str(value)]
    for assignment in assignments(recipe, settings, preset):
        command += ["--set", assignment]
    return [*command, "--seed", str(seed), "--precision", precision, "--fit-only"]


def adopt(recipe: str, data: Path, run: Path, name: str) -> list[str]:
    """Compose the command that installs the best epoch of a run, named relative to this folder, as the model `name`."""
    run = run.relative_to(Path.cwd()) if run.is_relative_to(Path.cwd()) else run
    return [*_WORKSHOP, "train", recipe, "--data", str(data), "--adopt", str(run), "--name", name]


def assignments(recipe: Recipe, settings: Any, preset: str | None = None) -> list[str]:
    """Find the assignments for `--set` that turn the settings of a recipe, or of its preset, into these."""
    base = settings_of(recipe, preset)
    changed = [field.name for field in fields(settings) if getattr(settings, field.name) != getattr(base, field.name)]
    return [f"{name}={getattr(settings, name)}" for name in changed]
