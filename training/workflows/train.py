"""Dataset and recipe -> an installed model: fitted here, or fitted elsewhere and brought home."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.cards import Card
from core.features import FEATURES
from core.model_store import folder_of, read_verified
from core.recipes import Recipe
from training.errors import TrainingError
from training.export.keras_folder import WEIGHTS_FILE
from training.fit.material import load_material
from training.fit.progress import peak_memory
from training.fit.trainers import TRAINERS, Fitting
from training.runs import mlflow_runs
from training.runs.folder import BEST_HALF, best_of, plan_of, read_history
from training.runs.log import RunLog
from training.workflows.install import check_free, install

__all__ = ["adopt", "start_of", "train"]


def train(
    recipe: Recipe,
    settings: Any,
    dataset: Path,
    run: Path,
    out: Path,
    *,
    command: str,
    seed: int = 0,
    precision: str = "float32",
    minutes: float | None = None,
    start: str | None = None,
    teachers: Sequence[str] = (),
    quantize: str = "float16",
    fit_only: bool = False,
    say: Callable[[str], None] = print,
) -> Card | None:
    """Train a recipe and install its model, chosen and calibrated on PublicTest alone.

    PublicTest's copies of Training and of PrivateTest images take no part in a choice; of PrivateTest only the hashes
    are looked at.

    Args:
        recipe: What to train.
        settings: An instance of `recipe.settings`.
        dataset: File that `training import` wrote.
        run: Folder for checkpoints and curves; an interrupted run goes on from there.
        out: The model folder to write.
        command: That the card names for making it again.
        seed: Of the weights, the order and the jitter.
        precision: Keras dtype policy of the fit.
        minutes: After which the fit stops; the best epoch so far is installed, and a later call goes on.
        start: What to begin from: an installed model of the same recipe or of its trunk's, or a run's folder.
        teachers: Installed models whose answers it learns from besides the labels.
        quantize: Of the exported file, "float16" or "int8".
        fit_only: Install nothing and return None; `adopt` can do it another time.
        say: Takes progress in words.

    Raises:
        DatasetError: the dataset cannot be used.
        ModelError: there is no model `start`.
        TrainingError: `run` holds another run, `out` a model of another dataset, or the export does not agree with
            the trained model.
    """
    trainer = TRAINERS[recipe.trainer]
    begin = start_of(start, recipe) if start else None
    if teachers and recipe.trainer != "keras":
        raise TrainingError(f"--teacher {teachers[0]}: is for networks, and {recipe.name!r} is none")
    material = load_material(FEATURES[recipe.feature_of(settings)], dataset, teachers)
    if not fit_only:
        check_free(out, material)
    trainer.require()
    say(f"{len(material.training)} images to learn from, {len(material.choice)} of PublicTest to choose on")
    fitting = Fitting(recipe, settings, material, run, seed, precision, begin)
    origin = {"from": start} if start else {}
    with mlflow_runs.claim(run):
        fitting.prepare()
        with fitting.log(out.name, {"mien.command": command} | _tagged(origin), say) as log:
            model = fitting.fit(log, minutes, say)
            peak = peak_memory()
            say(f"peak memory of the fit: {peak or 'unknown'} MB")
            log.tag(peak_memory_mb=str(peak))
            told = origin | {"peak_memory_mb": peak}
            card = None if fit_only else _install(fitting, model, out, log, told, command, quantize, say)
    if not trainer.is_finished(run):
        say(f"the run has had {len(read_history(run))} of {settings.epochs} epochs; the same command goes on")
    return card


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
        recipe: Which it must be.
        dataset: The one that it was fitted on, as `training import` wrote it.
        run: The folder, brought home.
        out: The model folder to write.
        command: That the card names.
        quantize: Of the exported file, "float16" or "int8".
        say: Takes progress in words.

    Raises:
        DatasetError: the dataset cannot be used.
        TrainingError: the folder is no run of this recipe on this dataset, or lacks files.
    """
    plan = plan_of(run)
    _same_recipe(run, plan, recipe)
    if not (history := read_history(run)):
        raise TrainingError(f"{run}: no history.csv in it; bring home the whole folder")
    trainer = TRAINERS[recipe.trainer]
    trainer.require()
    _, settings, model = trainer.load_best(run)
    material = load_material(FEATURES[recipe.feature_of(settings)], dataset)
    theirs, ours = plan["data"] or {}, material.name_and_hash()
    if theirs.get("hash", material.hash) != material.hash:
        raise TrainingError(f"{run}: was fitted on {theirs.get('name')}, which holds other images than {dataset}")
    if theirs.get("model_files") != ours.get("model_files"):
        raise TrainingError(f"{run}: was fitted on what other model files see than those that are installed here")
    check_free(out, material)
    state = "finished" if trainer.is_finished(run) else "not finished"
    say(f"{run}: {len(history)} epochs, {state}, fitted with {plan['backend'] or 'an unnamed backend'}")
    fitting = Fitting(recipe, settings, material, run, plan["seed"], plan["precision"])
    origin = {"adopted": run.name} | {name: told for name, told in theirs.items() if name == "teachers"}
    with mlflow_runs.claim(run), fitting.log(out.name, {"mien.command": command} | _tagged(origin), say) as log:
        log.epochs(history)
        log.is_over = trainer.is_finished(run)
        return _install(fitting, model, out, log, origin, command, quantize, say)


def start_of(start: str, recipe: Recipe) -> Path:
    """The file with the weights to begin from: of an installed model, or of the best epoch of a run's folder.

    Raises:
        ModelError: there is no such model, or its file is not the one that its card names.
        TrainingError: it was made neither by the recipe nor by that of its trunk, or carries no weights, or the
            recipe begins from none.
    """
    if not TRAINERS[recipe.trainer].goes_on:
        raise TrainingError(f"--from {start}: the recipe {recipe.name!r} is fitted in one go and begins from nothing")
    if (folder := Path(start)).is_dir():
        if not _is_of_trunk(plan_of(folder)["recipe"], recipe):
            _same_recipe(folder, plan_of(folder), recipe)
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
            f"--from {start}: the model keeps no {WEIGHTS_FILE} to go on from; give the folder of its run instead, "
            f"--from runs/{start}"
        )
    read_verified(folder, card, WEIGHTS_FILE)
    return folder / WEIGHTS_FILE


def _is_of_trunk(name: str, recipe: Recipe) -> bool:
    return recipe.trunk is not None and name == recipe.trunk.recipe


def _same_recipe(run: Path, plan: Mapping[str, Any], recipe: Recipe) -> None:
    if plan["recipe"] != recipe.name:
        raise TrainingError(f"{run} holds a run of the recipe {plan['recipe']!r}, not of {recipe.name!r}")


def _install(
    fitting: Fitting,
    model: Any,
    out: Path,
    log: RunLog,
    origin: Mapping[str, Any],
    command: str,
    quantize: str,
    say: Callable[[str], None],
) -> Card:
    history, plan = read_history(fitting.folder), plan_of(fitting.folder)
    backend = plan["backend"] or "unknown"
    seconds = round(sum(float(row["seconds"]) for row in history), 1)
    card = install(
        fitting.recipe,
        fitting.settings,
        model,
        fitting.material,
        out,
        seed=fitting.seed,
        command=command,
        data={"fit": {"epochs": len(history), "seconds": seconds, "backend": backend}}
        | ({"pretrained": plan["pretrained"]} if plan["pretrained"] else {})
        | dict(origin),
        quantize=quantize,
        say=say,
    )
    log.tag(backend=backend, model=out.name)
    for key, figures in card.metrics.items():
        log.figures(key, figures)
    log.model(out)
    return card


def _tagged(origin: Mapping[str, str]) -> dict[str, str]:
    return {f"mien.{name}": text for name, text in origin.items()}
