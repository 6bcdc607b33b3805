"""Fitting a Keras recipe. Needs nothing but NumPy, Keras and one backend, and resumes after a kill."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.models import Recipe
from training.errors import TrainingError


@dataclass(frozen=True)
class Examples:
    """What a fit sees: features (n, ...) and, for each label set, target probabilities (n, labels)."""

    features: np.ndarray
    targets: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.features)


def fit(
    recipe: Recipe,
    settings: Any,
    training: Examples,
    validation: Examples,
    folder: Path,
    *,
    seed: int = 0,
    precision: str = "float32",
):
    """Train a recipe and return the `keras.Model` of its best epoch (by validation accuracy on the first label set).

    AdamW (Loshchilov and Hutter 2019) under a cosine with a short warm-up. `folder` takes a checkpoint at every
    epoch; calling again with the same folder goes on from there.

    Args:
        recipe: What to train.
        settings: An instance of `recipe.settings`.
        training: What it learns from.
        validation: What the best epoch is chosen on.
        folder: Where checkpoints, `history.csv` and `fit.json` go.
        seed: Of the weights, the order and the jitter.
        precision: Keras dtype policy; "mixed_bfloat16" is a third faster where the processor has AVX512-BF16.

    Raises:
        TrainingError: the folder holds a run of another recipe, seed or settings.
    """
    import keras

    plan = {"recipe": recipe.name, "settings": asdict(settings), "seed": seed, "precision": precision}
    _claim(folder, plan)
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision)
    model = recipe.build(settings)
    steps = settings.epochs * -(-len(training) // settings.batch)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate * 0.02,
        decay_steps=steps - steps // 20,
        warmup_target=settings.learning_rate,
        warmup_steps=steps // 20,
        alpha=0.005,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer,
        loss={name: keras.losses.CategoricalCrossentropy(from_logits=True) for name in training.targets},
        metrics={name: ["accuracy"] for name in training.targets},
    )
    watched = "val_accuracy" if len(recipe.label_sets) == 1 else f"val_{recipe.label_sets[0]}_accuracy"
    best, curves = folder / "best.weights.h5", folder / "history.csv"
    model.fit(
        training.features,
        training.targets,
        validation_data=(validation.features, validation.targets),
        epochs=settings.epochs,
        batch_size=settings.batch,
        verbose=2,
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                best,
                watched,
                mode="max",
                save_best_only=True,
                save_weights_only=True,
                initial_value_threshold=_best_so_far(curves, watched),
            ),
            keras.callbacks.CSVLogger(curves, append=True),
            keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False),
        ],
    )
    keras.config.set_dtype_policy("float32")  # what is exported computes in full precision
    model = recipe.build(settings)
    model.load_weights(best)
    return model


def _best_so_far(curves: Path, watched: str) -> float | None:
    """The best value of an interrupted run, so that a worse epoch after it is not taken for the best."""
    if not curves.exists():
        return None
    with open(curves, newline="") as lines:
        return max((float(row[watched]) for row in csv.DictReader(lines)), default=None)


def _claim(folder: Path, plan: dict) -> None:
    path = folder / "fit.json"
    if path.exists() and json.loads(path.read_text()) != plan:
        raise TrainingError(f"{folder} holds a run with other settings; give another folder or delete it")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plan, indent=2) + "\n")
