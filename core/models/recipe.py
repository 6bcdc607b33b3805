"""Recipe: a named way of turning a feature into expressions, as pure data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def setting(default: Any, least: float | None = None, most: float | None = None, choices: Sequence[str] = ()) -> Any:
    """A field of a recipe's settings with the values that it may have; both ends are allowed values."""
    return dataclasses.field(default=default, metadata={"least": least, "most": most, "choices": tuple(choices)})


@dataclass(frozen=True)
class FitSettings:
    """How any network is trained; a recipe's own settings add to these and may have other defaults."""

    epochs: int = setting(20, least=1)
    batch: int = setting(64, least=1)
    learning_rate: float = setting(1e-3, least=0)
    schedule: str = setting("cosine", choices=("cosine", "constant"))
    """Of the learning rate: cosine (a short warm-up, then down to zero) or constant."""
    weight_decay: float = setting(0.03, least=0)
    patience: int = setting(0, least=0)
    """Epochs without a better accuracy on PublicTest after which the training stops; 0 never stops early."""
    balance: str = setting("none", choices=("none", "weights", "oversample"))
    """What is done about rare classes: none, weights (of the loss) or oversample."""
    votes: float = setting(0.5, least=0, most=1)
    """Share of the FER+ votes in the target of `fer7`; the rest is FER2013's own label."""


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
