"""Recipe: a named kind of model with its settings, as plain data that training and the pages read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..runtime.assets import Asset


def setting(
    default: Any,
    *,
    help: str = "",
    least: float | None = None,
    most: float | None = None,
    choices: Sequence[str] = (),
) -> Any:
    """Declare a field of a recipe's settings: its default, its help text and the values that it may have.

    Args:
        default: The value where none is given; it also fixes the type.
        help: One or two sentences for the command line and the Training page. Where a class only changes a default, the
            text of the class above it stays.
        least: The smallest allowed value.
        most: The largest allowed value.
        choices: All allowed values, where they can be listed.
    """
    rule = {"help": help, "least": least, "most": most, "choices": tuple(choices)}
    return field(default=default, metadata=rule)


@dataclass(frozen=True)
class Settings:
    """Settings of any training; a recipe's own settings add to these and may have other defaults."""

    balance: str = setting(
        "none",
        choices=("none", "weights", "oversample"),
        help="How rare classes are balanced: none, weights (in the loss) or oversample.",
    )
    votes: float = setting(
        0.5, least=0, most=1, help="Share of the FER+ votes in the target of `fer7`; the rest is FER2013's own label."
    )


@dataclass(frozen=True)
class FitSettings(Settings):
    """Settings of the training of any network."""

    epochs: int = setting(20, least=1, help="Number of passes over all images.")
    batch: int = setting(64, least=1, help="Number of images in one step.")
    learning_rate: float = setting(1e-3, least=0, help="Largest learning rate of AdamW.")
    schedule: str = setting(
        "cosine",
        choices=("cosine", "constant"),
        help="Schedule of the learning rate: cosine (a short warm-up, then down to zero) or constant.",
    )
    weight_decay: float = setting(0.03, least=0, help="How strongly AdamW draws the weights towards zero.")
    patience: int = setting(
        0,
        least=0,
        help="Epochs without a better accuracy on PublicTest after which the training stops; 0 never stops early.",
    )
    teachers: float = setting(
        0.5, least=0, most=1, help="Share of the teachers' answers in the target of `fer7`, where there are teachers."
    )
    smoothing: float = setting(
        0.0, least=0, most=0.9, help="Share of the target of `fer7` that is spread evenly over all labels."
    )


@dataclass(frozen=True)
class JitterSettings(FitSettings):
    """Settings of the training of a network that reads pictures."""

    rotation: float = setting(12.0, least=0, most=180, help="Training jitter: largest turn of the picture, in degrees.")
    scale: float = setting(0.12, least=0, most=1, help="Training jitter: largest zoom, as a fraction.")
    shift: float = setting(0.07, least=0, most=1, help="Training jitter: largest move, as a fraction of the side.")
    mixup: float = setting(
        0.0,
        least=0,
        most=1,
        help="Training jitter: how much of another picture, and of its target, is mixed into each; 0 is none of it.",
    )


@dataclass(frozen=True)
class BackboneSettings(JitterSettings):
    """Settings of the training of a network that can begin with pretrained weights; each recipe adds its own `thaw`."""

    weights: str = setting(
        "imagenet",
        help="Weights that the backbone begins with: imagenet (downloaded), none, or a copy of the downloaded file.",
    )
    frozen_epochs: int = setting(2, least=0, help="Number of epochs at the beginning in which only the head learns.")


@dataclass(frozen=True)
class KerasFile:
    """A file of weights that keras.applications publishes.

    Attributes:
        url: Address of the file.
        md5: MD5 of the file, in hexadecimal.
    """

    url: str
    md5: str


@dataclass(frozen=True)
class Backbone:
    """The part of a network that can begin with pretrained weights; see `training/fit/transfer.py`.

    Attributes:
        find: Function from the network that `build` gave to the part, a `keras.Model`.
        published: The file of its ImageNet weights: a `KerasFile`, or an `Asset` that is a PyTorch state dict.
        licence: SPDX name of the licence of these weights, where their publisher states one; else empty.
        fill: Function that fills the part from the arrays of the published file by name; for what depends on the data
            it gets some examples to learn from too. It raises a KeyError or a ValueError where the arrays are of
            another network. None for a `KerasFile`.
        normalisation_learns: Whether its batch normalisation is fine-tuned too.
    """

    find: Callable[[Any], Any]
    published: KerasFile | Asset
    licence: str = ""
    fill: Callable[[Any, Mapping[str, np.ndarray], np.ndarray], None] | None = None
    normalisation_learns: bool = False

    @property
    def filename(self) -> str:
        """Name of the published file."""
        if isinstance(self.published, KerasFile):
            return self.published.url.rpartition("/")[2]
        return self.published.sources[0].filename

    @property
    def origin(self) -> str:
        """Place that the published file comes from, in words or as an address."""
        return self.published.url if isinstance(self.published, KerasFile) else str(self.published.sources[0].origin)


@dataclass(frozen=True)
class Trunk:
    """The part of a network that another recipe has too, so that it can begin with the weights of a model of that one.

    Attributes:
        recipe: Name of the other recipe.
        find: Function from the network that `build` gave to the part, a `keras.Model`. Its weights are the first ones
            of the other recipe's network.
    """

    recipe: str
    find: Callable[[Any], Any]


@dataclass(frozen=True)
class Recipe:
    """One kind of model: the feature that it reads, the settings that it has, and how it is built.

    Attributes:
        name: Name in command lines and in the registry; also the default name of a model that it makes.
        summary: One sentence for help texts and cards.
        feature: Name of the `Feature` that the model reads.
        label_sets: Names of the label sets that the model answers in, one output each.
        settings: Frozen subclass of `Settings`, for a network of `FitSettings`; `train --set` can change its fields.
        build: Function from settings to an untrained `keras.Model` that maps a batch of the feature (its own dtype,
            not scaled) to one array of logits for each label set, keyed by its name. It imports Keras itself. With the
            trainer "scikit" it gives an unfitted `sklearn.pipeline.Pipeline`; see `training/fit/scikit_trainer.py`.
        presets: Named sets of settings, each the fields that differ from the defaults; "seed" is the published form.
        extras: Files to write beside the model, by name: a function from the trained `keras.Model` to the network to
            write, which takes one uint8 picture (1, h, w, c) and gives one vector.
        trainer: Library that fits the model: "keras" or "scikit"; see `training/fit/trainers.py`.
        backbone: The pretrained part, if there is one; the settings are then `BackboneSettings` with a `thaw`.
        trunk: The part that another recipe has too, if there is one.
        seconds_an_image: Time that a fit takes for each image and epoch on two cores, in seconds; None where nobody
            has measured it.
    """

    name: str
    summary: str
    feature: str
    label_sets: tuple[str, ...]
    settings: type[Settings]
    build: Callable[[Any], Any]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extras: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    trainer: Literal["keras", "scikit"] = "keras"
    backbone: Backbone | None = None
    trunk: Trunk | None = None
    seconds_an_image: float | None = None

    def feature_of(self, settings: Settings) -> str:
        """Name of the `Feature` that a model of these settings reads: `settings.feature`, where there is a choice."""
        return getattr(settings, "feature", self.feature)
