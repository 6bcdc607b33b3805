"""A fitted model -> an installed one: calibrated, exported, measured on public-test, with a whole card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import CARD_FILE, Card, Output, dataset_title, split_title
from core.inference.artifact import Artifact
from core.labels import FER7, LABEL_SETS
from training.errors import TrainingError
from training.evaluation.calibration import fit_temperature
from training.evaluation.measurement import metrics_key, reports
from training.evaluation.predictions import TRUTHS, predict
from training.export.staging import draft_card
from training.fit.plan import FitPlan, Material
from training.fit.trainers import TRAINERS
from training.publish import model_card

UNSURE_BELOW = 0.5
"""A calibrated answer below this is more often wrong than right: the model says so instead of guessing."""


def check_free(out: Path, material: Material) -> None:
    """See that a model folder may be replaced: only by a model of the same dataset.

    Raises:
        TrainingError: A model of another dataset is installed there.
    """
    if not (out / CARD_FILE).exists():
        return
    data = Card.load(out).data
    same = data["hash"] == material.hash if "hash" in data else data.get("name") == material.dataset.name
    if not same:
        raise TrainingError(
            f"{out} holds a model made from {data.get('name')}, not from {material.dataset.name}; give this one a "
            "--name of its own, or delete that folder"
        )


def install(
    plan: FitPlan,
    model: Any,
    out: Path,
    *,
    command: str,
    data: Mapping[str, Any] | None = None,
    quantize: str = "float16",
    say: Callable[[str], None] = print,
) -> Card:
    """Calibrate a fitted model on public-test without copies, export it, and measure the export there.

    Args:
        plan: The fit; the model is calibrated on its `material.choice`.
        model: The model that the recipe's trainer fitted.
        out: The model folder to write.
        command: Command line that makes the model again, for the card.
        data: Facts for the card about the making of the model, besides the dataset.
        quantize: Format of the exported numbers, "float16" or "int8".
        say: Receives progress in words.

    Returns:
        The card, with the figures of its Reports.

    Raises:
        TrainingError: The exported file answers otherwise than the model.
    """
    recipe, settings, material, choice = plan.recipe, plan.settings, plan.material, plan.material.choice
    trainer = TRAINERS[recipe.trainer]
    logits, dataset = trainer.predict(model, choice.features), dataset_title(material.dataset.name)
    outputs = {
        name: Output(
            labels=LABEL_SETS[name].labels,
            label_source=_label_source(name, dataset, settings.votes if material.has_votes else 0.0),
            temperature=round(fit_temperature(*_judged(name, logits[name], material)), 4),
            unsure_below=UNSURE_BELOW,
        )
        for name in recipe.label_sets
    }
    card = draft_card(
        out,
        libraries=trainer.libraries,
        recipe=recipe.name,
        summary=recipe.summary,
        feature=dict(material.feature),
        outputs=outputs,
        data=material.facts(recipe) | dict(data or {}),
        settings=asdict(settings),
        seed=plan.seed,
        command=command,
    )
    card = trainer.export(recipe, model, choice.features, card, out, quantize)
    say(f"exported to {out}")
    card = add_reports(out, material.dataset)
    main = card.metrics[metrics_key("public-test")]
    temperatures = ", ".join(f"{output.temperature:.3f} for {name}" for name, output in outputs.items())
    part = split_title("public-test", dataset)
    say(f"{part} accuracy {main['accuracy']:.2%}, every image counted; temperature {temperatures}")
    return card


def add_reports(folder: Path, dataset: Path) -> Card:
    """Evaluate a model folder on public-test, as it is served, and write the Reports into its card and README.md."""
    artifact = Artifact(folder)
    made = reports(artifact.card, predict(artifact, dataset, "public-test"), "public-test", dataset.name)
    figures = {key: report.as_dict() for key, report in made.items()}
    card = replace(artifact.card, metrics=dict(artifact.card.metrics) | figures)
    card.save(folder)
    model_card.write(folder)
    return card


def _judged(label_set: str, logits: np.ndarray, material: Material) -> tuple[np.ndarray, np.ndarray]:
    """Select the images with a label in a label set, logits and labels; without any, those of fer7 serve."""
    y_true = TRUTHS[label_set](material.choice)
    if not (y_true >= 0).any():
        y_true = material.choice.labels  # the labels of every label set begin with those of `FER7`
    return logits[y_true >= 0], y_true[y_true >= 0]


def _label_source(label_set: str, dataset: str, votes: float) -> str:
    """Say where the labels come from; `votes` is the share of people's votes in the targets of fer7."""
    if label_set == FER7.name and votes:
        return f"{dataset} labels {1 - votes:.0%}, FER+ votes {votes:.0%}"
    return f"{dataset} labels" if label_set == FER7.name else "FER+ votes"
