"""One epoch of training and one look at the validation examples, on any Keras backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.recipes import Recipe
from training.errors import TrainingError


@dataclass(frozen=True)
class Lesson:
    """What a network sees: features (n, ...), targets (n, k) by label set, and perhaps weights (n,)."""

    features: np.ndarray
    targets: Mapping[str, np.ndarray]
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, rows) -> Lesson:
        targets = {name: values[rows] for name, values in self.targets.items()}
        return Lesson(self.features[rows], targets, None if self.weights is None else self.weights[rows])


def train_epoch(model, lesson: Lesson, order: np.ndarray, batch: int, step: Callable[[], None]) -> float:
    """Train on the rows of `order`, in that order, in whole batches, and return the mean loss.

    Args:
        model: Compiled.
        lesson: All there is to learn from.
        order: Row numbers; what does not fill a batch at the end is left out.
        batch: Rows in one.
        step: Called after every batch.

    Raises:
        TrainingError: the loss is no longer a number.
    """
    import keras

    batches = order[: len(order) // batch * batch].reshape(-1, batch)
    batches = np.sort(batches, axis=1)
    # On TensorFlow `fit` builds a tf.data pipeline for every call, and to take it down again waits up to a minute for
    # its tuning thread. Elsewhere it is the quicker way: it does not wait for a batch before it hands over the next.
    train = _one_by_one if keras.backend.backend() == "tensorflow" else _in_one_call
    loss = train(model, lesson, batches, step)
    if not np.isfinite(loss):
        raise _diverged()
    return loss


def _one_by_one(model, lesson: Lesson, batches: np.ndarray, step: Callable[[], None]) -> float:
    losses = []
    for rows in batches:
        part = lesson[rows]
        logs = model.train_on_batch(part.features, part.targets, sample_weight=part.weights, return_dict=True)
        losses.append(float(logs["loss"]))
        if not np.isfinite(losses[-1]):
            raise _diverged()
        step()
    return float(np.mean(losses))


def _in_one_call(model, lesson: Lesson, batches: np.ndarray, step: Callable[[], None]) -> float:
    import keras

    part = lesson[batches.ravel()]
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
    """Let everything random in a model (jitter, dropout) go on from numbers drawn from `rng`.

    Checkpoints do not hold where Keras's random generators stand: what is resumed would repeat its first epoch.
    """
    for variable in model.variables:
        if variable.name == "seed_generator_state":
            variable.assign(np.array([rng.integers(2**31), 0]))


def validate(model, lesson: Lesson, label_set: str) -> dict[str, float]:
    """Loss and accuracy in one label set; what is right is the target's likeliest label."""
    logits = predict(model, lesson.features)[label_set]
    targets = lesson.targets[label_set]
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


def compile_model(model, recipe: Recipe, settings: Any, steps: int, done: int = 0) -> None:
    """Give a model its loss and optimizer: AdamW (Loshchilov and Hutter 2019), gradients clipped to a norm of 5.

    Args:
        model: A `keras.Model` of the recipe.
        recipe: It names the outputs; each has a cross-entropy on its logits.
        settings: The recipe's.
        steps: Batches in the whole training. A cosine warms up over the first 5 % of them.
        done: How many of them there have been before: the learning rate goes on from there, all else begins anew.
    """
    import keras

    optimizer = keras.optimizers.AdamW(_rate(settings, steps, done), weight_decay=settings.weight_decay, clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer, {name: keras.losses.CategoricalCrossentropy(from_logits=True) for name in recipe.label_sets}
    )
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

    class GoingOn(keras.optimizers.schedules.LearningRateSchedule):
        """The cosine for an optimizer that counts from `done`."""

        def __call__(self, step):
            return cosine(step + done)

    return GoingOn() if done else cosine
