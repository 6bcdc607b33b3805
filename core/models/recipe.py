"""Recipe: a named way of turning a feature into expressions, as pure data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FitSettings:
    """How any network is trained; a recipe's own settings add to these and may have other defaults."""

    epochs: int = 20
    batch: int = 64
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    """Of the learning rate: cosine (a short warm-up, then down to zero) or constant."""
    weight_decay: float = 0.03
    patience: int = 0
    """Epochs without a better accuracy on PublicTest after which the training stops; 0 never stops early."""
    balance: str = "none"
    """What is done about rare classes: none, weights (of the loss) or oversample."""
    votes: float = 0.5
    """Share of the FER+ votes in the target; the rest is FER2013's own label."""


@dataclass(frozen=True)
class Recipe:
    """One way of recognising expressions.

    Attributes:
        name: Public name: of the command's argument, the registry's key, the default artifact.
        summary: One sentence for help texts and cards.
        feature: Name of the `Feature` that the model eats.
        label_sets: Names of the label sets that the model answers in, one output each.
        settings: A frozen `FitSettings`; its fields are what `train --set` can change.
        build: From settings to an untrained `keras.Model` that maps a batch of the feature (its own dtype, not
            scaled) to one array of logits for each label set, keyed by its name. It imports Keras itself.
        presets: Settings by name, each as the fields that differ from the defaults; "seed" is the published form.
    """

    name: str
    summary: str
    feature: str
    label_sets: tuple[str, ...]
    settings: type[FitSettings]
    build: Callable[[Any], Any]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
