"""`quick`: a small residual network on the grey crop, trained in three quarters of an hour on two cores."""

from __future__ import annotations

from dataclasses import dataclass

from . import register
from .recipe import JitterSettings, Recipe, setting


@dataclass(frozen=True)
class QuickSettings(JitterSettings):
    """Settings of `quick`."""

    epochs: int = setting(26, least=1)
    learning_rate: float = setting(1.5e-3, least=0)
    weight_decay: float = setting(0.05, least=0)
    dropout: float = setting(0.2, least=0, most=0.95, help="Share of the numbers left out during training.")


def build(settings: QuickSettings):
    """The untrained network: uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7)}."""
    import keras

    from .layers.images import Jitter, MirrorAverage, Standardize, convolution, residual

    standard = keras.Input((48, 48, 1))
    x = Jitter(settings.rotation, settings.scale, settings.shift)(standard)
    x = convolution(x, 32)
    x = convolution(x, 64, strides=2)
    x = residual(x, 64)
    x = residual(x, 128, strides=2)
    x = residual(x, 256, strides=2)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(settings.dropout)(x)
    network = keras.Model(standard, keras.layers.Dense(7, dtype="float32")(x))

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    return keras.Model(image, {"fer7": MirrorAverage(network, name="fer7")(Standardize()(image))}, name="quick")


register(
    Recipe(
        name="quick",
        summary="A small residual network on the grey 48x48 crop; trains in three quarters of an hour on two cores.",
        feature="pixels",
        label_sets=("fer7",),
        settings=QuickSettings,
        build=build,
        seconds_an_image=0.0036,
    )
)
