"""Recipe: a named way of turning a feature into expressions, as pure data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """One way of recognising expressions.

    Attributes:
        name: Public name: of the command's argument, the registry's key, the default artifact.
        summary: One sentence for help texts and cards.
        feature: Name of the `Feature` that the model eats.
        label_sets: Names of the label sets that the model answers in, one output each.
        settings: A frozen dataclass; its fields are what `train --set` can change.
        build: From settings to an untrained `keras.Model` that maps a batch of the feature (its own dtype, not
            scaled) to one array of logits for each label set, keyed by its name. It imports Keras itself.
    """

    name: str
    summary: str
    feature: str
    label_sets: tuple[str, ...]
    settings: type
    build: Callable[[Any], Any]
