"""Fitting a Keras recipe. Needs nothing but NumPy, Keras and one backend, and resumes after a kill."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.models import Recipe
from training.errors import TrainingError

_BEST, _LATEST, _CURVES, _PLAN = "best.weights.h5", "latest.weights.h5", "history.csv", "fit.json"


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
    say: Callable[[str], None] = print,
):
    """Train a recipe and return the `keras.Model` of its best epoch (by validation accuracy on the first label set).

    AdamW (Loshchilov and Hutter 2019) under a cosine with a short warm-up. `folder` takes a checkpoint at every
    epoch; calling again with the same folder goes on from there, in the same order of examples.

    Args:
        recipe: What to train.
        settings: An instance of `recipe.settings`.
        training: What it learns from; what does not fill a batch at the end of an epoch waits for the next one.
        validation: What the best epoch is chosen on.
        folder: Where checkpoints, `history.csv` and `fit.json` go.
        seed: Of the weights, the order and the jitter.
        precision: Keras dtype policy; "mixed_bfloat16" is faster where the processor has AVX512-BF16.
        say: Takes a line for each epoch.

    Raises:
        TrainingError: the folder holds a run of another recipe, seed or settings, or there are too few examples.
    """
    import keras

    if len(training) < settings.batch:
        raise TrainingError(f"{len(training)} images do not fill one batch of {settings.batch}; --set a smaller batch")
    _claim(folder, {"recipe": recipe.name, "settings": asdict(settings), "seed": seed, "precision": precision})
    history = _history(folder / _CURVES)
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision)
    model = recipe.build(settings)
    _compile(model, recipe, settings, steps=settings.epochs * (len(training) // settings.batch))
    if history:
        _one_step(model, training, settings.batch)  # the optimizer's own variables must exist before they are loaded
        model.load_weights(folder / _LATEST)
    for epoch in range(len(history), settings.epochs):
        start = time.monotonic()
        row = {"epoch": epoch + 1} | _epoch(model, training, settings.batch, np.random.default_rng((seed, epoch)))
        row |= _validate(model, validation, recipe.label_sets[0])
        row["seconds"] = round(time.monotonic() - start, 1)
        if row["val_accuracy"] >= max((float(past["val_accuracy"]) for past in history), default=0.0):
            _save(model, folder / _BEST)
        _save(model, folder / _LATEST)
        history.append(row)
        _write_history(folder / _CURVES, history)
        say(
            "  ".join(
                f"{name} {value:.4f}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items()
            )
        )
    keras.config.set_dtype_policy("float32")  # what is exported computes in full precision
    model = recipe.build(settings)
    model.load_weights(folder / _BEST)
    return model


def _compile(model, recipe: Recipe, settings: Any, steps: int) -> None:
    import keras

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
        optimizer, {name: keras.losses.CategoricalCrossentropy(from_logits=True) for name in recipe.label_sets}
    )


# One batch at a time instead of `model.fit`: on TensorFlow that builds a tf.data pipeline for every epoch, and to take
# it down again waits up to a minute for its tuning thread.
def _epoch(model, examples: Examples, batch: int, rng: np.random.Generator) -> dict[str, float]:
    order = rng.permutation(len(examples))
    losses = []
    for start in range(0, len(order) - batch + 1, batch):
        rows = np.sort(order[start : start + batch])
        targets = {name: values[rows] for name, values in examples.targets.items()}
        losses.append(float(model.train_on_batch(examples.features[rows], targets, return_dict=True)["loss"]))
        if not np.isfinite(losses[-1]):
            raise TrainingError("the loss is no longer a number; try a smaller learning rate")
    return {"loss": float(np.mean(losses))}


def _one_step(model, examples: Examples, batch: int) -> None:
    model.train_on_batch(examples.features[:batch], {name: values[:batch] for name, values in examples.targets.items()})


def _validate(model, examples: Examples, label_set: str) -> dict[str, float]:
    batches = [
        np.asarray(model.predict_on_batch(examples.features[start : start + 256])[label_set], np.float32)
        for start in range(0, len(examples), 256)
    ]
    logits, targets = np.concatenate(batches), examples.targets[label_set]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return {
        "val_loss": float(-(targets * log_probabilities).sum(axis=1).mean()),
        "val_accuracy": float((logits.argmax(axis=1) == targets.argmax(axis=1)).mean()),
    }


def _save(model, path: Path) -> None:
    partial = path.with_name(f"partial-{path.name}")
    model.save_weights(partial)
    partial.replace(path)


def _claim(folder: Path, plan: dict) -> None:
    path = folder / _PLAN
    if path.exists() and json.loads(path.read_text()) != plan:
        raise TrainingError(f"{folder} holds a run with other settings; give another --run folder or delete it")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plan, indent=2) + "\n")


def _history(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with open(path, newline="") as lines:
        return list(csv.DictReader(lines))


def _write_history(path: Path, rows: list[dict]) -> None:
    partial = path.with_name(f"partial-{path.name}")
    with open(partial, "w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(path)
