"""ScikitTrainer: fits scikit-learn's pipelines, in one go; the run folder keeps the pipeline and one row of curves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from core.inference.scikit import ScikitRunner, open_scikit
from core.labels import LABEL_SETS
from core.recipes import Recipe
from training.errors import TrainingError
from training.export import export_scikit
from training.export.folders import write_skops
from training.fit.examples import Examples, class_weights, epoch_order, targets
from training.fit.plan import FitPlan
from training.runs.folder import RunPlan, read_history, write_history
from training.settings import check_settings

BEST = "best.skops"


class ScikitTrainer:
    """Fits scikit-learn's pipelines and exports them; see `Trainer`."""

    libraries = ("scikit-learn", "skops", "numpy", "mediapipe")
    takes_weights = False

    def check_export(self) -> None:
        """Do nothing: what scikit-learn fits can be exported everywhere."""

    def clear(self) -> None:
        """Do nothing: scikit-learn leaves nothing behind."""

    def prepare(self, plan: FitPlan) -> None:
        """Make the plan's folder this run's own, as `fit` does first; what cannot be fitted leaves nothing behind.

        Raises:
            TrainingError: The folder holds another run, an option is not for scikit-learn, a setting is out of range,
                or a class has no example.
        """
        check_settings(plan.settings)
        name, training = plan.recipe.name, plan.material.training
        if plan.precision != "float32":
            raise TrainingError(f"--precision {plan.precision}: is for networks, and scikit-learn fits {name!r}")
        missing = set(range(_targets(plan.recipe, training, 0.0).shape[1])) - set(training.labels.tolist())
        if missing:
            raise TrainingError(
                f"no image of class {min(missing)} to learn from; scikit-learn needs some of every class"
            )
        plan.claim("scikit-learn")

    def fit(
        self,
        plan: FitPlan,
        *,
        minutes: float | None = None,
        on_epoch: Callable[[dict], None] | None = None,
        say: Callable[[str], None] = print,
    ) -> ScikitRunner:
        """Fit a pipeline, or read it where the folder holds it already, and return what serves it.

        An example that people disagree about is learnt from once for each answer, weighted by the target of the answer.

        Args:
            plan: The fit.
            minutes: Without effect: a fit that was begun is finished, like the first epoch of a network.
            on_epoch: Receives the one row of `history.csv`.
            say: Receives progress in words.

        Raises:
            TrainingError: As `prepare`, or scikit-learn refuses the settings.
        """
        self.prepare(plan)
        recipe, material, folder = plan.recipe, plan.material, plan.folder
        if not self.is_finished(folder):
            started = time.monotonic()
            say(f"fitting {recipe.name} on {len(material.training)} faces")
            pipeline = fitted(recipe, plan.settings, material.training, plan.seed)
            y_true = _targets(recipe, material.choice, 0.0).argmax(axis=1)
            row = {"epoch": 1, "val_accuracy": float(pipeline.score(_flat(material.choice.features), y_true))}
            row["seconds"] = round(time.monotonic() - started, 1)
            write_skops(pipeline, folder / BEST)
            write_history(folder, [row])
            say(f"val_accuracy {row['val_accuracy']:.4f}, {row['seconds']:.0f} s")
            if on_epoch:
                on_epoch(row)
        return self.load_best(folder)[2]

    def load_best(self, folder: Path) -> tuple[Recipe, Any, ScikitRunner]:
        """Load what a run fitted: recipe, settings, and what serves the pipeline.

        Raises:
            TrainingError: The folder is no run folder, or nothing was fitted yet.
            ModelError: The pipeline's file is damaged.
        """
        recipe, settings = RunPlan.read(folder).recipe_and_settings()
        if not (folder / BEST).is_file():
            raise TrainingError(f"{folder}: no {BEST} in it: the fit did not come to its end")
        labels = {name: len(LABEL_SETS[name]) for name in recipe.label_sets}
        return recipe, settings, open_scikit(folder / BEST, (folder / BEST).read_bytes(), labels, 1)()

    def is_finished(self, folder: Path) -> bool:
        """Tell whether a run has been fitted."""
        return bool(read_history(folder))

    def predict(self, model: ScikitRunner, features: np.ndarray) -> dict[str, np.ndarray]:
        """Float32 logits (n, k) by label set, of features (n, ...)."""
        return model(features)

    def export(self, recipe: Recipe, model, features: np.ndarray, card: Card, out: Path, quantize: str) -> Card:
        """Write a model folder; see `training.export.export_scikit`."""
        return export_scikit(model, features, card, out, quantize)


def fitted(recipe: Recipe, settings: Any, examples: Examples, seed: int = 0):
    """Fit the `sklearn.pipeline.Pipeline` of a recipe on examples; nothing is written.

    Raises:
        TrainingError: scikit-learn refuses the settings.
    """
    pipeline = recipe.build(settings)
    rows, labels, weights = _weighted(recipe, settings, examples, seed)
    try:
        pipeline.fit(_flat(examples.features)[rows], labels, **{f"{pipeline.steps[-1][0]}__sample_weight": weights})
    except ValueError as error:
        raise TrainingError(f"scikit-learn cannot fit {recipe.name!r} so: {error}") from None
    return pipeline


def _weighted(
    recipe: Recipe, settings: Any, examples: Examples, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the examples, each with a label and a weight; a row comes once for each label in its target."""
    order = epoch_order(examples.labels, settings.balance, np.random.default_rng(seed))
    shares = _targets(recipe, examples, settings.votes)[order]
    if settings.balance == "weights":
        shares = shares * class_weights(examples.labels)[order, None]
    places, labels = np.nonzero(shares)
    return order[places], labels, shares[places, labels]


def _targets(recipe: Recipe, examples: Examples, share: float) -> np.ndarray:
    return targets(recipe.label_sets[0], examples.labels, examples.votes, share)


def _flat(features: np.ndarray) -> np.ndarray:
    return features.reshape(len(features), -1)
