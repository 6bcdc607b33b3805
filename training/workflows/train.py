"""Dataset and recipe -> an installed model: fitted here, or fitted on another machine and brought home."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.cards import Card, dataset_title, split_title
from core.features import FEATURES
from core.model_store import folder_of, read_verified
from core.recipes import Recipe, Settings, recipes
from training.errors import TrainingError
from training.export.folders import WEIGHTS_FILE
from training.fit.material import load_material
from training.fit.plan import FitPlan
from training.fit.trainers import TRAINERS, logged_fit, run_log
from training.fit.transfer import pretrained_facts
from training.runs import mlflow_runs
from training.runs.folder import BEST_HALF, RunPlan, best_of, read_history
from training.runs.log import RunLog
from training.workflows.install import check_free, install

__all__ = ["adopt", "peak_memory", "plan_fit", "start_of", "train"]


def plan_fit(
    recipe: Recipe,
    settings: Settings,
    dataset: Path,
    folder: Path,
    *,
    seed: int = 0,
    precision: str = "float32",
    start: str | None = None,
    teachers: Sequence[str] = (),
    teacher_runs: Sequence[Path] = (),
) -> FitPlan:
    """Plan a fit: find what it begins from and load its examples.

    Args:
        recipe: The recipe to fit.
        settings: An instance of `recipe.settings`.
        dataset: File that `training import` wrote.
        folder: Run folder for checkpoints and curves; an interrupted run continues from there.
        seed: Seed of the weights, of the order of the examples and of the jitter.
        precision: Keras dtype policy of the fit.
        start: Installed model of the same recipe or of its trunk's to begin from, or the folder of a run.
        teachers: Names of installed models whose answers are soft labels.
        teacher_runs: Folders of runs whose networks teach along; see `training/fit/teaching.py`.

    Raises:
        DatasetError: The dataset cannot be used.
        ModelError: There is no model `start`.
        TrainingError: The recipe cannot begin from `start`, or cannot learn from teachers.
    """
    weights = start_of(start, recipe) if start else None
    if teachers and recipe.trainer != "keras":
        raise TrainingError(f"--teacher {teachers[0]}: is for networks, and {recipe.name!r} is none")
    if teacher_runs and recipe.trainer != "keras":
        raise TrainingError(f"--teacher-run {teacher_runs[0]}: is for networks, and {recipe.name!r} is none")
    material = load_material(FEATURES[recipe.feature_of(settings)], dataset, teachers)
    origin = {"from": start} if start else {}
    return FitPlan(recipe, settings, material, folder, seed, precision, weights, origin, tuple(teacher_runs))


def train(
    plan: FitPlan,
    out: Path,
    *,
    command: str,
    minutes: float | None = None,
    quantize: str = "float16",
    fit_only: bool = False,
    say: Callable[[str], None] = print,
) -> Card | None:
    """Fit a plan and install the model, chosen and calibrated on public-test alone.

    Images of public-test that are in another split too take no part in a choice; of private-test only the hashes are
    read.

    Args:
        plan: The fit.
        out: The model folder to write.
        command: Command line that makes the model again, for the card.
        minutes: Time after which the fit stops; the best epoch so far is installed, and a later call continues.
        quantize: Format of the exported numbers, "float16" or "int8".
        fit_only: Install nothing and return None; `adopt` can do it later.
        say: Receives progress in words.

    Raises:
        TrainingError: The run folder holds another run, `out` a model of another dataset, or the export does not agree
            with the fitted model.
    """
    trainer, material, run = TRAINERS[plan.recipe.trainer], plan.material, plan.folder
    if not fit_only:
        check_free(out, material)
    trainer.check_export()
    part = split_title("public-test", dataset_title(material.dataset.name))
    say(f"{len(material.training)} images to learn from, {len(material.choice)} of {part} to choose on")
    with mlflow_runs.locked(run):
        trainer.prepare(plan)
        with run_log(plan, out.name, {"mien.command": command}, say) as log:
            model = logged_fit(plan, log, minutes, say)
            peak = peak_memory()
            say(f"peak memory of the fit: {peak or 'unknown'} MB")
            log.tag(peak_memory_mb=str(peak))
            card = (
                None if fit_only else _install(plan, model, out, log, command, quantize, say, {"peak_memory_mb": peak})
            )
    if not trainer.is_finished(run):
        say(f"the run has had {len(read_history(run))} of {plan.settings.epochs} epochs; the same command continues")
    return card


def peak_memory() -> int | None:
    """Measure the most memory that this process has held at one time, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6)


def adopt(
    recipe: Recipe,
    dataset: Path,
    run: Path,
    out: Path,
    *,
    command: str,
    quantize: str = "float16",
    say: Callable[[str], None] = print,
) -> Card:
    """Install what was fitted on another machine: calibrate, export and measure the best epoch of its run folder.

    Args:
        recipe: The recipe that the run must be of.
        dataset: The dataset that the run was fitted on, as `training import` wrote it.
        run: The run folder, brought home.
        out: The model folder to write.
        command: Command line that makes the model again, for the card.
        quantize: Format of the exported numbers, "float16" or "int8".
        say: Receives progress in words.

    Raises:
        DatasetError: The dataset cannot be used.
        TrainingError: The folder is no run of this recipe on this dataset, or lacks files.
    """
    told = RunPlan.read(run)
    _same_recipe(run, told, recipe)
    if not (history := read_history(run)):
        raise TrainingError(f"{run}: no history.csv in it; bring home the whole folder")
    trainer = TRAINERS[recipe.trainer]
    trainer.check_export()
    _, settings, model = trainer.load_best(run)
    material = load_material(FEATURES[recipe.feature_of(settings)], dataset)
    theirs, ours = told.data or {}, material.identity()
    if theirs.get("hash", material.hash) != material.hash:
        raise TrainingError(f"{run}: was fitted on {theirs.get('name')}, which holds other images than {dataset}")
    if theirs.get("model_files") != ours.get("model_files"):
        raise TrainingError(f"{run}: was fitted on what other model files see than those that are installed here")
    check_free(out, material)
    state = "finished" if trainer.is_finished(run) else "not finished"
    say(f"{run}: {len(history)} epochs, {state}, fitted with {told.backend or 'an unnamed backend'}")
    origin = {"adopted": run.name} | {name: value for name, value in theirs.items() if name == "teachers"}
    plan = FitPlan(recipe, settings, material, run, told.seed, told.precision, origin=origin)
    with mlflow_runs.locked(run), run_log(plan, out.name, {"mien.command": command}, say) as log:
        log.epochs(history)
        log.is_over = trainer.is_finished(run)
        return _install(plan, model, out, log, command, quantize, say)


def start_of(start: str, recipe: Recipe) -> Path:
    """Find the file with the weights to begin from: of an installed model, or of the best epoch of a run's folder.

    Raises:
        ModelError: There is no such model, or its file is not the one that its card names.
        TrainingError: The model was made neither by the recipe nor by one that has its trunk, or carries no weights, or
            the recipe begins from none.
    """
    if not TRAINERS[recipe.trainer].takes_weights:
        raise TrainingError(f"--from {start}: the recipe {recipe.name!r} is fitted in one go and begins from nothing")
    if (folder := Path(start)).is_dir():
        told = RunPlan.read(folder)
        if not _is_of_trunk(told.recipe, recipe):
            _same_recipe(folder, told, recipe)
            return best_of(folder)
        if (path := folder / BEST_HALF).is_file():
            return path
        raise TrainingError(f"--from {start}: no {BEST_HALF} in it, which fit_pack --half leaves")
    folder = folder_of(start)
    card = Card.load(folder)
    if card.recipe != recipe.name and not _is_of_trunk(card.recipe, recipe):
        raise TrainingError(f"--from {start}: was made by the recipe {card.recipe!r}, not by {recipe.name!r}")
    if WEIGHTS_FILE not in card.files:
        raise TrainingError(
            f"--from {start}: the model keeps no {WEIGHTS_FILE} to continue from; give the folder of its run instead, "
            f"--from runs/{start}"
        )
    read_verified(folder, card, WEIGHTS_FILE)
    return folder / WEIGHTS_FILE


def _is_of_trunk(name: str, recipe: Recipe) -> bool:
    """Tell whether models of another recipe begin with the trunk of this one: it is theirs, or one that they share."""
    if recipe.trunk is None or name == recipe.name:
        return False
    other = recipes().get(name)
    return name == recipe.trunk.recipe or bool(other and other.trunk and other.trunk.recipe == recipe.trunk.recipe)


def _same_recipe(run: Path, told: RunPlan, recipe: Recipe) -> None:
    if told.recipe != recipe.name:
        raise TrainingError(f"{run} holds a run of the recipe {told.recipe!r}, not of {recipe.name!r}")


def _install(
    plan: FitPlan,
    model: Any,
    out: Path,
    log: RunLog,
    command: str,
    quantize: str,
    say: Callable[[str], None],
    facts: Mapping[str, Any] | None = None,
) -> Card:
    history, told = read_history(plan.folder), RunPlan.read(plan.folder)
    backend = told.backend or "unknown"
    seconds = round(sum(float(row["seconds"]) for row in history), 1)
    data = {"fit": {"epochs": len(history), "seconds": seconds, "backend": backend}}
    data |= pretrained_facts(plan.recipe, told.pretrained) | dict(plan.origin) | dict(facts or {})
    card = install(plan, model, out, command=command, data=data, quantize=quantize, say=say)
    log.tag(backend=backend, model=out.name)
    for key, figures in card.metrics.items():
        log.figures(key, figures)
    log.model(out)
    return card
