"""How a network is taught: AdamW, the learning rate over time, and the loss of each output."""

from __future__ import annotations

from typing import Any

from core.recipes import Recipe


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
