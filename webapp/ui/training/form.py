"""The form that starts a training: a dataset, a recipe, its settings, and a name."""

import math
import os
from collections.abc import Mapping
from dataclasses import Field, asdict, fields
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import MienError
from core.features import FEATURES
from core.inference import installed
from core.recipes import Recipe, recipes
from training.commands.train import model_name
from training.errors import TrainingError
from training.export.folders import WEIGHTS_FILE
from training.fit.keras_trainer import PRECISIONS
from training.fit.trainers import TRAINERS
from training.fit.transfer import IMAGENET, NONE
from training.jobs import command_lines, queue
from training.runs import mlflow_runs
from training.runs.estimate import estimate
from training.settings import check_settings, help_texts, settings_of
from webapp.ui.shared import datasets
from webapp.ui.shared.messages import show_error

_COMMON = ("epochs", "batch", "learning_rate")  # settings that are not folded away
_WIDTH = 190


def ask(recipe: Recipe, base: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Show a widget for each setting of a recipe; returns the chosen values by name.

    Args:
        recipe: The recipe.
        base: Values with which the widgets are filled, by name.
        key: Part of the widgets' keys; another key fills them again.
    """
    known = sorted(fields(recipe.settings), key=lambda field: field.name not in _COMMON)
    first = [field for field in known if field.name in _COMMON]
    chosen = _grid(recipe, first, base, key)
    with st.expander("More settings", icon=":material/tune:", expanded=not first):
        return chosen | _grid(recipe, known[len(first) :], base, key)


def _grid(recipe: Recipe, known: list[Field], base: Mapping[str, Any], key: str) -> dict[str, Any]:
    texts = help_texts(recipe.settings)
    with st.grid(min_column_width=_WIDTH):
        return {field.name: _widget(field, base[field.name], texts.get(field.name), key) for field in known}


def _widget(field: Field, value: Any, text: str | None, key: str) -> Any:
    rule, label = field.metadata, field.name.replace("_", " ")
    options = {"help": text, "key": f"{key}-{field.name}", "persist_state": "session"}
    label = label[0].upper() + label[1:]
    if choices := rule.get("choices"):
        return st.selectbox(label, choices, index=choices.index(value), **options)
    if isinstance(value, bool):
        return st.toggle(label, value, **options)
    if isinstance(value, str):
        return st.text_input(label, value, **options)
    kind = type(value)
    least, most = (None if (end := rule.get(name)) is None else kind(end) for name in ("least", "most"))
    steps = {"step": 1} if kind is int else {"step": _step(value), "format": "%g"}
    return st.number_input(label, least, most, value, **steps, **options)


def _step(value: float) -> float:
    """The step of a number field: a tenth of the value's leading decimal place."""
    return 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 0.01


_RECOMMENDED = "recommended"
_PRESETS = {_RECOMMENDED: "Recommended", "seed": "As published"}


def offer() -> None:
    """Show the form, and the button that starts the training."""
    datasets.require()
    with st.grid(min_column_width=_WIDTH):
        dataset = datasets.choose()
        known = list(recipes())
        recipe = recipes()[
            st.selectbox("Recipe", known, index=known.index("quick"), key="training_recipe", persist_state="session")
        ]
        preset = st.selectbox(
            "Settings",
            [_RECOMMENDED, *recipe.presets],
            format_func=lambda name: _PRESETS.get(name, name),
            help="What the fields below are filled with.",
            key=f"training_preset_{recipe.name}",
            persist_state="session",
        )
        start = _start(recipe)
    st.caption(recipe.summary)
    preset = None if preset == _RECOMMENDED else preset
    base = asdict(settings_of(recipe, preset))
    if start:
        card = installed.installed()[start]
        if card.recipe == recipe.name:  # the settings of a trunk's model belong to another network
            base |= {name: value for name, value in card.settings.items() if name in base}
        st.info("Fine-tuning takes few epochs and a small learning rate, such as 5 and 0.0003.", icon=":material/tune:")
    chosen = ask(recipe, base, f"setting-{recipe.name}-{preset}-{start}")
    options = _options(recipe)
    _estimate(recipe, recipe.settings(**chosen), dataset, options["minutes"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        proposal = _free_name(recipe.name)
        name = st.text_input(
            "Name of the run", proposal, key=f"training_name_{proposal}", width=260, persist_state="session"
        )
        queued = any(not job.is_over for job in queue.jobs())
        if st.button("Add to the queue" if queued else "Start", type="primary", icon=":material/play_arrow:"):
            _submit(recipe, chosen, dataset, name, preset=preset, start=start, **options)
    st.caption("The training runs in a process of its own and goes on when this page, or even the studio, is closed.")


def _start(recipe: Recipe) -> str | None:
    """Let the viewer choose an installed model to start from; None to start from scratch."""
    known = (recipe.name, recipe.trunk.recipe if recipe.trunk else recipe.name)
    models = [
        name for name, card in installed.installed().items() if card.recipe in known and WEIGHTS_FILE in card.files
    ]
    chosen = st.selectbox(
        "Start from",
        ["", *models] if TRAINERS[recipe.trainer].takes_weights else [""],
        format_func=lambda name: name or "Random weights",
        help="Fine-tunes an installed model of this recipe, if its weights were kept.",
        key=f"training_from_{recipe.name}",
        persist_state="session",
    )
    return chosen or None


def _options(recipe: Recipe) -> dict[str, Any]:
    """Show the options of the run, which belong to no recipe; returns their values by name."""
    is_network = TRAINERS[recipe.trainer].takes_weights
    with st.expander("How it runs", icon=":material/speed:"), st.grid(min_column_width=_WIDTH):
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            0,
            help="For the first weights, the order of images and jitter.",
            key="training_seed",
            persist_state="session",
        )
        precision = st.selectbox(
            "Precision",
            PRECISIONS if is_network else PRECISIONS[:1],
            help="mixed_bfloat16 is faster on processors with AVX512-BF16.",
            key="training_precision",
            persist_state="session",
        )
        minutes = st.number_input(
            "Time limit in minutes",
            0,
            value=0,
            disabled=not is_network,
            help="No epoch starts that would end later. 0 is no limit.",
            key="training_minutes",
            persist_state="session",
        )
    return {"seed": seed, "precision": precision, "minutes": float(minutes) or None}


def _estimate(recipe: Recipe, settings: Any, dataset: Path, minutes: float | None) -> None:
    """Say how long the training will take, and how that is known."""
    try:
        rows = {path: datasets.load(path) for path in datasets.dataset_files()}
    except (MienError, OSError):
        return  # starting the training names the fault
    sizes = {each.hash: len(each.where("training")) for each in rows.values()}
    found = estimate(
        recipe,
        settings,
        sizes[rows[dataset].hash],
        backend=os.environ.get("KERAS_BACKEND", "tensorflow") if recipe.trainer == "keras" else "scikit-learn",
        folders=mlflow_runs.RUNS.glob("*"),
        sizes=sizes,
        cards=installed.installed(),
    )
    if found is None:
        told = "Nobody has timed this recipe here yet: after its first epoch, the page shows how much is left"
    elif minutes and found.seconds > 60 * minutes:
        told = f"Stops after {span(60 * minutes)}; all of it would take about **{span(found.seconds)}**"
    else:
        told = f"Takes about **{span(found.seconds)}**"
    if found is not None:
        told += f", judging by {found.source}"
    told += "."
    if FEATURES[recipe.feature_of(settings)].needs != "crop":
        told += " Before that, what it sees of each face is computed, once for each dataset."
    st.markdown(f":material/timer: {told}")


def span(seconds: float) -> str:
    """Say a duration as people do: `40 s`, `45 min`, `1 h 50 min`.

    Examples:
        >>> span(38.2), span(2700), span(6621)
        ('38 s', '45 min', '1 h 50 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _free_name(recipe: str) -> str:
    taken = {job.run.name for job in queue.jobs() if job.run} | {path.name for path in mlflow_runs.RUNS.glob("*")}
    return next(name for number in range(1, 10_000) if (name := f"{recipe}-{number}") not in taken)


def _submit(recipe: Recipe, chosen: dict[str, Any], dataset: Path, name: str, **options) -> None:
    try:
        run = mlflow_runs.RUNS / model_name(name)
        if run.exists() or any(job.run == run and not job.is_over for job in queue.jobs()):
            raise TrainingError(f"{run}: exists already; choose another name")
        if recipe.backbone and chosen["weights"] not in (IMAGENET, NONE):
            chosen["weights"] = str(datasets.confined(chosen["weights"]))
        settings = recipe.settings(**chosen)
        check_settings(settings)
        queue.submit(f"Training {name}", command_lines.train(recipe, settings, dataset, run, **options), run)
    except MienError as error:
        show_error(error)
        return
    st.rerun()
