"""One epoch of training, its validation, and its progress, on any Keras backend."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from core.labels import FER7
from core.recipes import Recipe
from training.errors import TrainingError


@dataclass(frozen=True)
class FitData:
    """Examples as Keras takes them.

    Attributes:
        features: (n, ...), in the feature's own dtype.
        targets: Float32 (n, k), probabilities by label set.
        weights: Float32 (n,), weight of each example in the loss; None if all weigh the same.
    """

    features: np.ndarray
    targets: Mapping[str, np.ndarray]
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, rows) -> FitData:
        targets = {name: values[rows] for name, values in self.targets.items()}
        return FitData(self.features[rows], targets, None if self.weights is None else self.weights[rows])


def mixed(data: FitData, order: np.ndarray, strength: float, rng: np.random.Generator) -> FitData:
    """Mix each example of an epoch with another one, targets and all (mixup, Zhang et al. 2018).

    Args:
        data: All examples to learn from.
        order: Row numbers of the epoch.
        strength: Both parameters of the beta distribution of the other one's share, of which the smaller part is taken.
        rng: Source of the draws.

    Returns:
        The examples of the epoch, in the order of `order`.
    """
    own, other = data[order], data[rng.permutation(order)]
    share = rng.beta(strength, strength, len(order)).astype(np.float32)
    share = np.minimum(share, 1 - share)

    def mix(one: np.ndarray, two: np.ndarray, part: np.ndarray) -> np.ndarray:
        part = part.reshape(-1, *[1] * (one.ndim - 1))
        whole = one + part * np.subtract(two, one, dtype=np.float32)
        return (np.rint(whole) if np.issubdtype(one.dtype, np.integer) else whole).astype(one.dtype)

    pieces = zip(*(_pieces(values) for values in (own.features, other.features, share)), strict=True)
    features = np.concatenate([mix(*piece) for piece in pieces])  # copies in float32 stay small
    targets = {name: mix(values, other.targets[name], share) for name, values in own.targets.items()}
    return FitData(features, targets, None if own.weights is None else mix(own.weights, other.weights, share))


def _pieces(values: np.ndarray) -> list[np.ndarray]:
    return np.array_split(values, max(1, len(values) // 1024))


def train_epoch(model, data: FitData, order: np.ndarray, batch: int, step: Callable[[], None]) -> float:
    """Train on the rows of `order`, in that order, in whole batches, and return the mean loss.

    Args:
        model: A compiled `keras.Model`.
        data: All examples to learn from.
        order: Row numbers; those that do not fill a batch at the end are left out.
        batch: Number of rows in a batch.
        step: Called after every batch.

    Raises:
        TrainingError: The loss is no longer a number.
    """
    import keras

    batches = order[: len(order) // batch * batch].reshape(-1, batch)
    batches = np.sort(batches, axis=1)
    # On TensorFlow `fit` builds a tf.data pipeline for every call, and to take it down again waits up to a minute for
    # its tuning thread. Elsewhere it is the quicker way: it does not wait for a batch before it hands over the next.
    train = _one_by_one if keras.backend.backend() == "tensorflow" else _in_one_call
    loss = train(model, data, batches, step)
    if not np.isfinite(loss):
        raise _diverged()
    return loss


def _one_by_one(model, data: FitData, batches: np.ndarray, step: Callable[[], None]) -> float:
    losses = []
    for rows in batches:
        part = data[rows]
        logs = model.train_on_batch(part.features, part.targets, sample_weight=part.weights, return_dict=True)
        losses.append(float(logs["loss"]))
        if not np.isfinite(losses[-1]):
            raise _diverged()
        step()
    return float(np.mean(losses))


def _in_one_call(model, data: FitData, batches: np.ndarray, step: Callable[[], None]) -> float:
    import keras

    part = data[batches.ravel()]
    curves = model.fit(
        part.features,
        part.targets,
        sample_weight=part.weights,
        batch_size=batches.shape[1],
        shuffle=False,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=lambda number, logs: step())],
    )
    return float(curves.history["loss"][0])


def _diverged() -> TrainingError:
    return TrainingError("the loss is no longer a number; try a smaller learning rate")


def reseed(model, rng: np.random.Generator) -> None:
    """Seed everything random in a model (jitter, dropout) from `rng`.

    Checkpoints do not hold the state of Keras's random generators: a resumed fit would repeat its first epoch.
    """
    for variable in model.variables:
        if variable.name == "seed_generator_state":
            variable.assign(np.array([rng.integers(2**31), 0]))


def validate(model, data: FitData, label_set: str) -> dict[str, float]:
    """Measure loss and accuracy in one label set; an answer is right if it is the target's likeliest label."""
    logits = predict(model, data.features)[label_set]
    targets = data.targets[label_set]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return {
        "val_loss": float(-(targets * log_probabilities).sum(axis=1).mean()),
        "val_accuracy": float((logits.argmax(axis=1) == targets.argmax(axis=1)).mean()),
    }


def predict(model, features: np.ndarray, batch: int = 256) -> dict[str, np.ndarray]:
    """Float32 logits (n, k) by label set."""
    parts = [model.predict_on_batch(features[start : start + batch]) for start in range(0, len(features), batch)]
    return {name: np.concatenate([np.asarray(part[name], np.float32) for part in parts]) for name in parts[0]}


def compile_model(
    model, recipe: Recipe, settings: Any, steps: int, done: int = 0, weights: Mapping[str, float] | None = None
) -> None:
    """Give a model its loss and optimizer: AdamW (Loshchilov and Hutter 2019), gradients clipped to a norm of 5.

    Args:
        model: A `keras.Model` of the recipe.
        recipe: The recipe, which names the outputs; each has a cross-entropy on its logits.
        settings: An instance of `recipe.settings`; `smoothing` smooths the targets of `fer7`.
        steps: Number of batches in the whole training. A cosine warms up over the first 5 % of them.
        done: Number of batches so far: the learning rate continues from there, the optimizer's state starts fresh.
        weights: Weight of each label set in the loss, where it is not 1.
    """
    import keras

    optimizer = keras.optimizers.AdamW(_rate(settings, steps, done), weight_decay=settings.weight_decay, clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    smoothing = {FER7.name: settings.smoothing}
    losses = {
        name: keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing.get(name, 0.0))
        for name in recipe.label_sets
    }
    model.compile(optimizer, losses, loss_weights=dict.fromkeys(losses, 1.0) | dict(weights or {}))
    optimizer.build(model.trainable_variables)  # a checkpoint holds its variables: they must exist before it is loaded


def _rate(settings: Any, steps: int, done: int):
    import keras

    if settings.schedule == "constant":
        return settings.learning_rate
    warm = max(1, steps // 20)
    cosine = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate * 0.02,
        decay_steps=max(1, steps - warm),
        warmup_target=settings.learning_rate,
        warmup_steps=warm,
        alpha=0.005,
    )

    class Continued(keras.optimizers.schedules.LearningRateSchedule):
        """The cosine for an optimizer that counts from `done`."""

        def __call__(self, step):
            return cosine(step + done)

    return Continued() if done else cosine


_A_LINE_EVERY = 60.0  # seconds, where there is no bar


class Progress:
    """Reports how far a fit is: a bar within each epoch on a terminal, and a line after it with the time left.

    Args:
        say: Receives lines.
        epochs: Number of epochs in the whole fit.
        steps: Number of batches in an epoch.
    """

    def __init__(self, say: Callable[[str], None], epochs: int, steps: int):
        self._say, self._epochs, self._steps = say, epochs, steps

    @contextmanager
    def epoch(self, number: int) -> Iterator[Callable[[], None]]:
        """Report on one epoch; yield a function to call after each of its batches."""
        title = f"epoch {number}/{self._epochs}"
        if (bar := _bar(title, self._steps)) is not None:
            with bar:
                yield bar.update
            return
        done, began = 0, time.monotonic()
        told = began

        def step() -> None:
            nonlocal done, told
            done, now = done + 1, time.monotonic()
            if now - told >= _A_LINE_EVERY:
                told = now
                self._say(f"{title}  {done / self._steps:.0%}, {_span((now - began) * (self._steps / done - 1))} left")

        yield step

    def report(self, row: dict) -> None:
        """Write a line with the figures of a finished epoch."""
        figures = [f"{name} {row[name]:.4f}" for name in ("loss", "val_loss", "val_accuracy")]
        left = (self._epochs - row["epoch"]) * row["seconds"]
        figures += [f"{row['seconds']:.0f} s"] + [f"{_span(left)} left"] * (left > 0)
        self._say("  ".join([f"epoch {row['epoch']}/{self._epochs}", *figures]))


def _bar(title: str, total: int):
    """Make a bar that disappears after the epoch; None without a terminal or without tqdm."""
    if not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ImportError:  # a machine that only fits
        return None
    return tqdm(total=total, desc=title, unit=" batches", leave=False)


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
