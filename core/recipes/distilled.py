"""`distilled`: the small residual network that is shipped; it learns from labels, people's votes and larger models."""

from __future__ import annotations

from dataclasses import dataclass

from . import embedder, register
from .recipe import JitterSettings, Recipe, Trunk, setting

_TRUNK, _AVERAGE = "trunk", "average"
_ANSWERS = {"fer7": 7, "ferplus8": 8}


@dataclass(frozen=True)
class DistilledSettings(JitterSettings):
    """Settings of `distilled`."""

    epochs: int = setting(60, least=1)
    batch: int = setting(128, least=1)
    weight_decay: float = setting(0.05, least=0)
    width: int = setting(
        64, least=8, most=512, help="Channels of the first stage; the later ones have two and three times as many."
    )
    embedding: int = setting(1280, least=8, most=8192, help="Length of the vector that the network makes of a face.")
    dropout: float = setting(0.3, least=0, most=0.95, help="Share of that vector left out during training.")
    webcam: bool = setting(True, help="Training jitter: lamps, tone curves and faces far away, besides the others.")
    side: int = setting(
        48,
        least=24,
        most=48,
        help="Side length to which the crop is reduced for the network, in pixels. Time falls with its square.",
    )
    average: bool = setting(
        True, help="Answer with the mean of the answers to the face and to its mirror image, at twice the time."
    )


def build(settings: DistilledSettings):
    """The untrained network: uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7), "ferplus8": (n, 8)}."""
    import keras
    from keras import layers

    from .layers.images import Jitter, MirrorAverage, Standardize, Webcam

    def answers(x):
        x = Jitter(settings.rotation, settings.scale, settings.shift)(x)
        x = Webcam()(x) if settings.webcam else x
        x = layers.Resizing(settings.side, settings.side)(x) if settings.side < 48 else x
        inside = keras.Input((settings.side, settings.side, 1))
        x = keras.Model(inside, embedder.trunk(inside, settings.width, settings.embedding), name=_TRUNK)(x)
        x = layers.Dropout(settings.dropout)(x)
        return [layers.Dense(size, dtype="float32")(x) for size in _ANSWERS.values()]

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x, standard = Standardize()(image), keras.Input((48, 48, 1))
    logits = (
        MirrorAverage(keras.Model(standard, answers(standard)), name=_AVERAGE)(x) if settings.average else answers(x)
    )
    named = {
        name: layers.Identity(name=name, dtype="float32")(each) for name, each in zip(_ANSWERS, logits, strict=True)
    }
    return keras.Model(image, named, name="distilled")


def trunk_of(model):
    """The part that the embedder has too, if the width is the same; the embedding may be a shorter one."""
    averages = [layer.network for layer in model.layers if layer.name == _AVERAGE]
    return (averages[0] if averages else model).get_layer(_TRUNK)


register(
    Recipe(
        name="distilled",
        summary="A small residual network on the grey 48x48 crop, taught by labels, people's votes and larger models.",
        feature="pixels",
        label_sets=tuple(_ANSWERS),
        settings=DistilledSettings,
        build=build,
        presets={"tiny": {"side": 40, "average": False, "embedding": 960, "dropout": 0.1}},
        trunk=Trunk("embedder", trunk_of),
    )
)
