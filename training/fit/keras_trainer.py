"""KerasTrainer: fits networks, an epoch at a time, and resumes after a kill.

To fit it needs nothing but NumPy, Keras and one backend.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.labels import FER7
from core.recipes import Recipe
from training.errors import TrainingError
from training.fit import epochs
from training.fit.examples import Examples, blended, class_weights, epoch_order, targets
from training.fit.plan import FitPlan
from training.fit.teaching import taught
from training.fit.transfer import begin, begin_epoch, fill, weights_file
from training.runs.folder import (
    BEST,
    LATEST,
    RunPlan,
    best_of,
    load_weights,
    read_history,
    save,
    saved_history,
    write_history,
)
from training.settings import check_settings

if TYPE_CHECKING:
    from core.cards import Card

PRECISIONS = ("float32", "mixed_bfloat16")
_FEW = 512  # examples tell a backbone what it will see


class KerasTrainer:
    """Fits networks and exports them; see `Trainer`."""

    libraries = ("keras", "tensorflow", "ai-edge-litert", "numpy", "mediapipe")
    takes_weights = True

    def check_export(self) -> None:
        """See that Keras runs on the one backend from which models are exported.

        Raises:
            TrainingError: Keras runs on another backend.
        """
        import keras

        if (backend := keras.backend.backend()) != "tensorflow":
            raise TrainingError(
                f"Keras runs on {backend} here, and a model is exported from TensorFlow: unset KERAS_BACKEND, or fit "
                "there from a pack and bring the run home with `train --adopt`"
            )

    def clear(self) -> None:
        """Free what earlier fits of this process hold in memory."""
        import keras

        keras.utils.clear_session()

    def prepare(self, plan: FitPlan) -> Path | None:
        """Make the plan's folder this run's own, as `fit` does first; what cannot be fitted leaves nothing behind.

        Returns:
            The file with pretrained weights that the fit begins with, if it has not begun yet and begins with some.

        Raises:
            TrainingError: The folder holds another run, a setting is out of range, there is nothing to choose on, or
                `start` is missing.
        """
        import keras

        check_settings(plan.settings)
        _check(plan)
        begins = plan.start is None and not saved_history(plan.folder)
        pretrained = weights_file(plan.recipe, plan.settings) if begins else None
        plan.claim(keras.backend.backend(), pretrained)
        return pretrained

    def fit(
        self,
        plan: FitPlan,
        *,
        minutes: float | None = None,
        on_epoch: Callable[[dict], None] | None = None,
        say: Callable[[str], None] = print,
    ):
        """Train a network and return the `keras.Model` of its best epoch, by accuracy in the first label set.

        The folder takes a checkpoint after every epoch; another call continues from there, in the same order of
        examples. `is_finished` tells whether there is anything left to do.

        Args:
            plan: The fit. Of the examples to choose on only the labels count or, where a label set has no label of its
                own, the majority of the votes.
            minutes: Stop before an epoch that would end later than this if it took as long as the one before; the first
                epoch of a call is always finished. The schedule stays that of all epochs.
            on_epoch: Receives the row of `history.csv` of each epoch, after its checkpoint.
            say: Receives a line for each epoch.

        Raises:
            TrainingError: As `prepare`; `start` does not fit; or the loss is no longer a number.
        """
        import keras

        pretrained = self.prepare(plan)
        keras.config.set_dtype_policy(plan.precision)
        try:
            keras.utils.set_random_seed(plan.seed)
            model = plan.recipe.build(plan.settings)
            if plan.start:
                begin(model, plan.recipe, plan.start)
            elif pretrained:
                fill(model, plan.recipe, pretrained, plan.material.training.features[:_FEW])
            _train(model, *self._learner(model, plan), plan, minutes, on_epoch, say)
        finally:
            keras.config.set_dtype_policy("float32")  # what is exported computes in full precision
        return self.load_best(plan.folder)[2]

    def _learner(self, model, plan: FitPlan) -> tuple[Any, dict[str, float]]:
        """The network that is trained in a model's place, and the weights of the label sets in its loss."""
        if not plan.teacher_runs:
            return model, {}
        share = plan.settings.teachers
        learner, names = taught(model, [self.load_best(run)[2] for run in plan.teacher_runs], share)
        return learner, dict.fromkeys(names, 1 - share)

    def load_best(self, folder: Path) -> tuple[Recipe, Any, Any]:
        """Load the best epoch of a run, finished or not: recipe, settings, and a `keras.Model` in float32.

        Raises:
            TrainingError: The folder is no run folder, has no whole epoch yet, or is of another version's recipe.
        """
        recipe, settings = RunPlan.read(folder).recipe_and_settings()
        best = best_of(folder)
        model = recipe.build(settings)
        load_weights(model, best)
        return recipe, settings, model

    def is_finished(self, folder: Path) -> bool:
        """Tell whether a run has had all its epochs, or stopped early by its own `patience`."""
        _, settings = RunPlan.read(folder).recipe_and_settings()
        return _is_over(read_history(folder), settings)

    def predict(self, model, features: np.ndarray) -> dict[str, np.ndarray]:
        """Float32 logits (n, k) by label set, of features (n, ...)."""
        return epochs.predict(model, features)

    def export(self, recipe: Recipe, model, features: np.ndarray, card: Card, out: Path, quantize: str) -> Card:
        """Write a model folder; see `training.export.export_keras`."""
        from training.export import export_keras  # a machine that only fits lacks what this needs

        return export_keras(model, features, card, out, quantize, extras=recipe.extras)


def _train(model, learner, weights, plan: FitPlan, minutes, on_epoch, say) -> None:
    recipe, settings, folder, labels = plan.recipe, plan.settings, plan.folder, plan.material.training.labels
    training = _fit_data(recipe, settings, plan.material.training)
    validation = _fit_data(recipe, settings, plan.material.choice, is_choice=True)
    batch, mixup = min(settings.batch, len(training)), getattr(settings, "mixup", 0)
    if batch < settings.batch:
        say(f"{batch} images are fewer than a batch of {settings.batch}: they are one batch")
    steps = len(training) // batch
    history: list[dict] = saved_history(folder)
    since = None
    if history:
        since = begin_epoch(learner, recipe, settings, len(history) - 1, steps, since, weights)
        load_weights(learner, folder / LATEST)
    progress = epochs.Progress(say, settings.epochs, steps)
    first, began = len(history), time.monotonic()
    while not _is_over(history, settings):
        epoch, started = len(history), time.monotonic()
        if minutes is not None and epoch > first and started - began + history[-1]["seconds"] > 60 * minutes:
            say(f"stopped after {epoch} of {settings.epochs} epochs, before {minutes:g} minutes are over")
            break
        since = begin_epoch(learner, recipe, settings, epoch, steps, since, weights)
        rng = np.random.default_rng((plan.seed, epoch))
        epochs.reseed(learner, rng)
        order = epoch_order(labels, settings.balance, rng)
        data = epochs.mixed(training, order, mixup, rng) if mixup else training
        with progress.epoch(epoch + 1) as step:
            loss = epochs.train_epoch(learner, data, np.arange(len(order)) if mixup else order, batch, step)
        row = {"epoch": epoch + 1, "loss": loss} | epochs.validate(model, validation, recipe.label_sets[0])
        row["seconds"] = round(time.monotonic() - started, 1)
        if row["val_accuracy"] >= max((float(past["val_accuracy"]) for past in history), default=0.0):
            save(model, folder / BEST, epoch + 1)
        history.append(row)
        write_history(folder, history)
        save(learner, folder / LATEST, epoch + 1)
        progress.report(row)
        if on_epoch:
            on_epoch(row)


def _is_over(history: list[dict], settings: Any) -> bool:
    if len(history) >= settings.epochs:
        return True
    accuracies = [float(row["val_accuracy"]) for row in history]
    best = max(range(len(accuracies)), key=lambda epoch: (accuracies[epoch], epoch), default=0)
    return bool(settings.patience) and len(history) - 1 - best >= settings.patience


def _fit_data(recipe: Recipe, settings: Any, examples: Examples, is_choice: bool = False) -> epochs.FitData:
    share = 0.0 if is_choice else settings.votes
    made = {name: targets(name, examples.labels, examples.votes, share) for name in recipe.label_sets}
    if examples.soft_labels is not None and FER7.name in made and not is_choice:
        made[FER7.name] = blended(made[FER7.name], examples.soft_labels, settings.teachers)
    weighted = settings.balance == "weights" and not is_choice
    return epochs.FitData(examples.features, made, class_weights(examples.labels) if weighted else None)


def _check(plan: FitPlan) -> None:
    material = plan.material
    if plan.precision not in PRECISIONS:
        raise TrainingError(f"--precision {plan.precision}: unknown; give one of {', '.join(PRECISIONS)}")
    if not len(material.choice):
        raise TrainingError("there are no images to choose the best epoch on; the dataset needs a public-test split")
