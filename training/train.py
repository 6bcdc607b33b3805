"""Dataset and recipe -> a model folder: fit, calibrate, export, report."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.artifacts import Artifact
from core.cards import Card, Output
from core.features import FEATURES
from core.labels import LABEL_SETS
from core.models import Recipe
from training.calibration import fit_temperature
from training.datasets import Dataset
from training.evaluate import evaluate
from training.export import export_keras
from training.features import compute
from training.fit import Examples, fit
from training.targets import fer7_targets

UNSURE_BELOW = 0.5
"""A calibrated answer below this is more often wrong than right: the model says so instead of guessing."""

_LIBRARIES = ("keras", "tensorflow", "ai-edge-litert", "numpy", "mediapipe")


def train(
    recipe: Recipe,
    settings: Any,
    dataset: Path,
    run: Path,
    out: Path,
    *,
    seed: int,
    precision: str,
    command: str,
    say: Callable[[str], None] = print,
) -> Card:
    """Train a recipe and write its artifact, chosen and calibrated on PublicTest alone.

    PublicTest's copies of Training and of PrivateTest images take no part in a choice; of PrivateTest only the hashes
    are looked at.

    Args:
        recipe: What to train.
        settings: An instance of `recipe.settings`.
        dataset: File that `training import` wrote.
        run: Folder for checkpoints and curves; an interrupted run goes on from there.
        out: The model folder to write.
        seed: Of the weights, the order and the jitter.
        precision: Keras dtype policy of the fit.
        command: That the card names for making it again.
        say: Takes progress in words.

    Raises:
        DatasetError: the dataset cannot be used.
        TrainingError: `run` holds another run, or the export does not agree with the trained model.
    """
    feature = FEATURES[recipe.feature]
    training = Dataset.load(dataset, ("training",))
    public = Dataset.load(dataset, ("public-test",))
    public = public[~public.hashes_in(dataset, "training", "private-test")]
    say(f"{len(training)} images to learn from, {len(public)} of PublicTest to choose on")

    model = fit(
        recipe,
        settings,
        _examples(feature, training, settings.votes),
        _examples(feature, public, votes=0.0),
        run,
        seed=seed,
        precision=precision,
    )
    features, found = compute(feature, public)
    logits = np.asarray(model.predict(features, batch_size=256, verbose=0)["fer7"])
    temperature = fit_temperature(logits, public.labels[found])
    card = Card(
        name=out.name,
        recipe=recipe.name,
        summary=recipe.summary,
        feature={"name": feature.name, "version": feature.version},
        outputs={
            name: Output(LABEL_SETS[name].labels, _label_source(settings.votes), round(temperature, 4), UNSURE_BELOW)
            for name in recipe.label_sets
        },
        known_answer={},
        files={},
        data={
            "name": dataset.name,
            "training_images": len(training),
            "choice_images": len(public),
            "priors": {
                "fer7": [round(float(share), 5) for share in np.bincount(training.labels, minlength=7) / len(training)]
            },
        },
        settings=asdict(settings),
        seed=seed,
        versions={name: importlib.metadata.version(name) for name in _LIBRARIES},
        command=command,
        created=datetime.now(UTC).date().isoformat(),
    )
    card = export_keras(model, features, card, out)
    say(f"exported to {out}")
    card = add_metrics(out, "public_test", evaluate(Artifact(out), dataset, "public-test").as_dict())
    say(f"PublicTest accuracy {card.metrics['public_test']['accuracy']:.2%}, temperature {temperature:.3f}")
    return card


def add_metrics(folder: Path, key: str, metrics: dict) -> Card:
    """Write the figures of a Report into a model's card."""
    card = Card.load(folder)
    card = replace(card, metrics=dict(card.metrics) | {key: metrics})
    card.save(folder)
    return card


def _examples(feature, dataset: Dataset, votes: float) -> Examples:
    features, found = compute(feature, dataset)
    return Examples(features, {"fer7": fer7_targets(dataset[found], votes)})


def _label_source(votes: float) -> str:
    return f"FER2013 labels {1 - votes:.0%}, FER+ votes {votes:.0%}" if votes else "FER2013 labels"
