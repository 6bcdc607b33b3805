"""What begins a training: a dataset, a recipe, its settings, and a name."""

import math
from collections.abc import Mapping
from dataclasses import Field, asdict, fields
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import MienError
from core.inference import installed
from core.recipes import Recipe, recipes
from training.commands.train import model_name
from training.errors import TrainingError
from training.export.keras_folder import WEIGHTS_FILE
from training.fit.keras_fit import PRECISIONS
from training.fit.trainers import TRAINERS
from training.fit.transfer import IMAGENET, NONE
from training.jobs import command_lines, queue
from training.runs import mlflow_runs
from training.settings import check_settings, help_texts, settings_of
from webapp.ui.shared import datasets
from webapp.ui.shared.messages import show_error

_AT_ONCE = ("epochs", "batch", "learning_rate")
_SETTING_WIDTH = 190


def ask(recipe: Recipe, base: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The settings as the viewer wants them, by name.

    Args:
        recipe: Whose.
        base: What the form is filled with.
        key: Changes with whatever the form is filled from.
    """
    known = sorted(fields(recipe.settings), key=lambda field: field.name not in _AT_ONCE)
    first = [field for field in known if field.name in _AT_ONCE]
    chosen = _grid(recipe, first, base, key)
    with st.expander("More settings", icon=":material/tune:", expanded=not first):
        return chosen | _grid(recipe, known[len(first) :], base, key)


def _grid(recipe: Recipe, known: list[Field], base: Mapping[str, Any], key: str) -> dict[str, Any]:
    texts = help_texts(recipe.settings)
    with st.grid(min_column_width=_SETTING_WIDTH):
        return {field.name: _widget(field, base[field.name], texts.get(field.name), key) for field in known}


def _widget(field: Field, value: Any, text: str | None, key: str) -> Any:
    rule, label = field.metadata, field.name.replace("_", " ")
    options = {"help": text, "key": f"{key}-{field.name}"}
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
    """A tenth of the value's first digit's place."""
    return 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 0.01


_WIDTH = 190
_RECOMMENDED = "recommended"
_PRESETS = {_RECOMMENDED: "Recommended", "seed": "As it was published"}


def offer() -> None:
    """The form, and the button that starts."""
    with st.grid(min_column_width=_WIDTH):
        dataset = datasets.choose()
        recipe = recipes()[st.selectbox("Recipe", list(recipes()), index=list(recipes()).index("quick"))]
        preset = st.selectbox(
            "Settings",
            [_RECOMMENDED, *recipe.presets],
            format_func=lambda name: _PRESETS.get(name, name),
            help="What the fields below are filled with.",
            key=f"training_preset_{recipe.name}",
        )
        start = _start(recipe)
    st.caption(recipe.summary)
    preset = None if preset == _RECOMMENDED else preset
    base = asdict(settings_of(recipe, preset))
    if start:
        card = installed.installed()[start]
        if card.recipe == recipe.name:  # of a trunk's model the settings are another network's
            base |= {name: value for name, value in card.settings.items() if name in base}
        st.info("To fine-tune, few epochs and a small learning rate do: say 5, and 0.0003.", icon=":material/tune:")
    chosen = ask(recipe, base, f"setting-{recipe.name}-{preset}-{start}")
    options = _options(recipe)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        proposal = _free_name(recipe.name)
        name = st.text_input("Name of the run", proposal, key=f"training_name_{proposal}", width=260)
        queued = any(not job.is_over for job in queue.jobs())
        if st.button("Add to the queue" if queued else "Start", type="primary", icon=":material/play_arrow:"):
            _submit(recipe, chosen, dataset, name, preset=preset, start=start, **options)
    st.caption("It runs in a process of its own: this page, and even the studio, can be closed meanwhile.")


def _start(recipe: Recipe) -> str | None:
    """An installed model that the recipe can go on from."""
    known = (recipe.name, recipe.trunk.recipe if recipe.trunk else recipe.name)
    models = [
        name for name, card in installed.installed().items() if card.recipe in known and WEIGHTS_FILE in card.files
    ]
    chosen = st.selectbox(
        "Begin from",
        ["", *models] if TRAINERS[recipe.trainer].goes_on else [""],
        format_func=lambda name: name or "Nothing learnt yet",
        help="An installed model of this recipe that keeps its weights: that is fine-tuning.",
        key=f"training_from_{recipe.name}",
    )
    return chosen or None


def _options(recipe: Recipe) -> dict[str, Any]:
    """What is said of a fit rather than of its recipe."""
    is_network = TRAINERS[recipe.trainer].goes_on
    with st.expander("How it runs", icon=":material/speed:"), st.grid(min_column_width=_WIDTH):
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, help="Of the weights, the order and the jitter.")
        precision = st.selectbox(
            "Precision",
            PRECISIONS if is_network else PRECISIONS[:1],
            help="mixed_bfloat16 is faster where the processor has AVX512-BF16.",
        )
        minutes = st.number_input(
            "Minutes",
            0,
            value=0,
            disabled=not is_network,
            help="Stop before the epoch that would end later; 0 lets all epochs run.",
        )
    return {"seed": seed, "precision": precision, "minutes": float(minutes) or None}


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
