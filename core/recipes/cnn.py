"""`cnn`: the plain convolutional network of the field's tutorials, in their form and in a stronger one."""

from __future__ import annotations

from dataclasses import dataclass

from . import register
from .recipe import JitterSettings, Recipe, setting


@dataclass(frozen=True)
class CnnSettings(JitterSettings):
    """Settings of `cnn`."""

    epochs: int = setting(16, least=1)
    normalise: bool = setting(True, help="Batch normalisation after each stage.")
    dropout: float = setting(0.25, least=0, most=0.95, help="Share of the numbers left out during training.")
    l2: float = setting(0.0, least=0, help="L2 penalty on the Dense layer's weights.")
    jitter: bool = setting(True, help="Training jitter: rotation, zoom, shift, mirror image, noise and erasing.")
    rotation: float = setting(10.0, least=0, most=180)
    scale: float = setting(0.1, least=0, most=1)
    shift: float = setting(0.06, least=0, most=1)
    mirror: bool = setting(True, help="Answer with the mean over the picture and its mirror image.")


def build(settings: CnnSettings):
    """The untrained network: uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7)}."""
    import keras
    from keras import layers

    from .layers.images import FusedBatchNormalization, Jitter, MirrorAverage, Standardize

    def stage(x, *filters):
        for width in filters:
            x = layers.Conv2D(width, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
        return x

    def shrink(x):
        return normalised(layers.MaxPooling2D()(x))

    def normalised(x):
        return FusedBatchNormalization(momentum=0.95)(x) if settings.normalise else x

    standard = keras.Input((48, 48, 1))
    x = Jitter(settings.rotation, settings.scale, settings.shift)(standard) if settings.jitter else standard
    x = layers.Dropout(settings.dropout)(shrink(stage(x, 64, 64)))
    x = normalised(stage(x, 128, 128))
    x = layers.Dropout(settings.dropout)(shrink(stage(x, 256, 256)))
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu", kernel_regularizer=keras.regularizers.L2(settings.l2))(x)
    x = layers.Dropout(settings.dropout)(normalised(x)) if settings.normalise else x
    network = keras.Model(standard, layers.Dense(7, dtype="float32")(x))

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x = Standardize()(image)
    logits = MirrorAverage(network, name="fer7")(x) if settings.mirror else network(x)
    return keras.Model(image, {"fer7": logits}, name="cnn")


register(
    Recipe(
        name="cnn",
        summary="The tutorials' network: six convolutions (64, 128, 256) and a Dense layer on the grey 48x48 crop.",
        feature="pixels",
        label_sets=("fer7",),
        settings=CnnSettings,
        build=build,
        presets={
            "seed": {
                "epochs": 10,
                "batch": 128,
                "learning_rate": 1e-4,
                "schedule": "constant",
                "weight_decay": 0.0,
                "patience": 3,
                "votes": 0.0,
                "normalise": False,
                "l2": 0.01,
                "jitter": False,
                "mirror": False,
            }
        },
    )
)
