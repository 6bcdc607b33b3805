"""Sweep: a small search over settings. Every trial is a run of its own; they are chosen on PublicTest alone."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from core.features import FEATURES
from core.recipes import Recipe
from core.runtime.files import write_whole
from training.errors import TrainingError
from training.fit.material import load_material
from training.fit.plan import FitPlan, Material
from training.fit.trainers import TRAINERS, logged_fit, run_log
from training.runs import mlflow_runs
from training.runs.folder import read_history
from training.runs.log import RunLog
from training.settings import settings_of

_PLAN, _RESULT = "sweep.json", "trial.json"


@dataclass(frozen=True)
class Trial:
    """One choice of settings and its result.

    Attributes:
        assignments: The settings that the sweep varies, as `name=value`.
        folder: Run folder of the trial.
        accuracy: Accuracy of its best epoch on PublicTest without copies; None until it is finished, or if it failed.
        epochs: Number of its epochs.
        seconds: Duration of these epochs.
        error: Reason why it failed, or "".
    """

    assignments: tuple[str, ...]
    folder: Path
    accuracy: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    error: str = ""


def grid(choices: Iterable[str], trials: int | None = None, seed: int = 0) -> list[tuple[str, ...]]:
    """Combine the values of `name=a,b,c`, all of them or `trials` drawn at random, in the order of the grid.

    Raises:
        TrainingError: A choice is ill-formed, or a name or a value is given twice.
    """
    axes: dict[str, list[str]] = {}
    for choice in choices:
        name, equals, values = choice.partition("=")
        options = [value.strip() for value in values.split(",")]
        if not equals or not name or not all(options):
            raise TrainingError(f"--set {choice}: give name=value or name=value,value,…")
        if name in axes or len(set(options)) < len(options):
            raise TrainingError(f"--set {choice}: a name or a value is given twice; give each once")
        axes[name] = options
    combinations = list(product(*([f"{name}={value}" for value in values] for name, values in axes.items())))
    if trials is not None and trials < len(combinations):
        kept = random.Random(seed).sample(range(len(combinations)), trials)
        combinations = [combinations[place] for place in sorted(kept)]
    return combinations


def sweep(
    recipe: Recipe,
    dataset: Path,
    choices: Iterable[str],
    folder: Path,
    *,
    preset: str | None = None,
    trials: int | None = None,
    seed: int = 0,
    precision: str = "float32",
    minutes: float | None = None,
    command: str = "",
    say: Callable[[str], None] = print,
) -> list[Trial]:
    """Fit a recipe with every combination of settings, or some of them, and rank them.

    Args:
        recipe: The recipe to fit.
        dataset: File that `training import` wrote.
        choices: `name=a,b,c` for each setting that varies; `name=a` sets one for all.
        folder: Folder of the sweep; each trial has a folder in it. Finished trials are not repeated, an interrupted one
            is continued.
        preset: Name of the recipe's preset to begin from.
        trials: Number of combinations to draw at random; all by default.
        seed: Seed of the weights and the order in every trial, and of the draw.
        precision: Keras dtype policy of the fits.
        minutes: Time after which no trial is begun, and the running one stops.
        command: Command line that makes the sweep again.
        say: Receives progress in words.

    Returns:
        The trials, the best first, those without a result last.

    Raises:
        DatasetError: The dataset cannot be used.
        TrainingError: A setting is wrong, or the folder holds a sweep of other data.
    """
    combinations = grid(choices, trials, seed)
    settings = {each: settings_of(recipe, preset, each) for each in combinations}  # a mistake shows before the start
    eaten = {recipe.feature_of(each) for each in settings.values()}
    materials = {feature: load_material(FEATURES[feature], dataset) for feature in eaten}
    TRAINERS[recipe.trainer].check_export()
    ends = None if minutes is None else time.monotonic() + 60 * minutes
    with mlflow_runs.locked(folder):
        _claim(folder, recipe, next(iter(materials.values())), preset, precision, seed)
        told = {"recipe": recipe.name, "seed": seed, "precision": precision, "choices": " ".join(choices)}
        tags = {"mien.command": command, "mien.sweep": "true"}
        with RunLog(folder, folder.name, told, tags, say=say) as log:
            done = []
            for number, each in enumerate(combinations, start=1):
                trial = _finished(folder / _folder_name(each), each)
                if trial is None:
                    left = None if ends is None else (ends - time.monotonic()) / 60
                    if left is not None and left <= 0:
                        say(f"{minutes:g} minutes are over; the same command continues")
                        log.is_over = False
                        break
                    say(f"trial {number} of {len(combinations)}: {' '.join(each) or 'defaults'}")
                    run = folder / _folder_name(each)
                    material = materials[recipe.feature_of(settings[each])]
                    plan = FitPlan(recipe, settings[each], material, run, seed, precision)
                    trial = _trial(plan, each, log, left, say)
                done.append(trial)
            ranked = sorted(done, key=lambda trial: -1.0 if trial.accuracy is None else trial.accuracy, reverse=True)
            if ranked and ranked[0].accuracy is not None:
                log.figures("best", {"accuracy": ranked[0].accuracy})
    return ranked


def _trial(
    plan: FitPlan, assignments: tuple[str, ...], parent: RunLog, minutes: float | None, say: Callable[[str], None]
) -> Trial:
    run, trainer = plan.folder, TRAINERS[plan.recipe.trainer]
    trainer.clear()
    with mlflow_runs.locked(run):
        try:
            trainer.prepare(plan)
            with run_log(plan, f"{parent.name}/{run.name}", {}, say, parent) as log:
                logged_fit(plan, log, minutes, say)
        except TrainingError as error:  # a combination that cannot be trained is a result too
            say(f"failed: {error}")
            return _keep(Trial(assignments, run, error=str(error)))
    history = read_history(run)
    trial = Trial(
        assignments,
        run,
        accuracy=max(float(row["val_accuracy"]) for row in history),
        epochs=len(history),
        seconds=round(sum(float(row["seconds"]) for row in history), 1),
    )
    return _keep(trial) if trainer.is_finished(run) else trial


def _keep(trial: Trial) -> Trial:
    result = {name: getattr(trial, name) for name in ("accuracy", "epochs", "seconds", "error")}
    trial.folder.mkdir(parents=True, exist_ok=True)
    write_whole(trial.folder / _RESULT, json.dumps(result, indent=2) + "\n")
    return trial


def _finished(run: Path, assignments: tuple[str, ...]) -> Trial | None:
    try:
        return Trial(assignments, run, **json.loads((run / _RESULT).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _folder_name(assignments: tuple[str, ...]) -> str:
    return ",".join(assignments) or "defaults"


def _claim(folder: Path, recipe: Recipe, material: Material, preset: str | None, precision: str, seed: int) -> None:
    """Write the plan of a new sweep, or see that the folder holds this one: its trials differ by folder name only."""
    plan = {"recipe": recipe.name, "data": material.hash, "preset": preset, "precision": precision, "seed": seed}
    path = folder / _PLAN
    if not path.exists():
        write_whole(path, json.dumps(plan, indent=2) + "\n")
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    for name, value in plan.items():
        if found.get(name) != value:
            raise TrainingError(
                f"{folder} holds a sweep with another {name} ({found.get(name)} there, {value} here); give another "
                "--name or delete it"
            )
