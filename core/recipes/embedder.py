"""`embedder`: a residual network on the grey crop that also gives an embedding of the face, 1280 numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ..model_store import EMBEDDER
from . import register
from .recipe import JitterSettings, Recipe, setting

_EMBEDDING = "embedding"


@dataclass(frozen=True)
class EmbedderSettings(JitterSettings):
    """Settings of `embedder`."""

    epochs: int = setting(120, least=1)
    batch: int = setting(128, least=1)
    learning_rate: float = setting(2e-3, least=0)
    weight_decay: float = setting(0.05, least=0)
    dropout: float = setting(0.4, least=0, most=0.95, help="Share of the numbers left out during training.")


def build(settings: EmbedderSettings):
    """The untrained network: uint8 (n, 48, 48, 1) to logits {"fer7": (n, 7)}.

    The embedding is the mean over the picture and its mirror image; so are the logits, because they are linear in it.
    """
    import keras

    from .layers.images import Jitter, MirrorAverage, Standardize

    standard = keras.Input((48, 48, 1))
    network = keras.Model(standard, trunk(Jitter(settings.rotation, settings.scale, settings.shift)(standard)))

    image = keras.Input((48, 48, 1), dtype="uint8", name="pixels")
    x = MirrorAverage(network, name=_EMBEDDING)(Standardize()(image))
    x = keras.layers.Dropout(settings.dropout)(x)
    return keras.Model(image, {"fer7": keras.layers.Dense(7, dtype="float32", name="fer7")(x)}, name="embedder")


def trunk(x, width: int = 64, size: int = 1280):
    """Embeddings of pictures: the layers that `distilled` and `landmark-fusion` begin with too.

    Args:
        x: Standardised images (n, side, side, 1).
        width: Number of channels of the first stage; the later ones have two and three times as many.
        size: Length of an embedding.

    Returns:
        Keras tensor (n, size).
    """
    from keras import layers

    from .layers.images import convolution, residual

    x = convolution(x, width // 2)
    for filters, strides in ((width, 2), (width, 1), (2 * width, 2), (2 * width, 1), (3 * width, 2)):
        x = residual(x, filters, strides)
    return layers.GlobalAveragePooling2D()(convolution(x, size, size=1))


def embedder_of(model):
    """The network of the file `EMBEDDER`: the part of a trained network that gives the embedding.

    It takes colours because MediaPipe's ImageEmbedder gives it colours, and bytes because it then needs no metadata.
    """
    import keras
    from keras import ops

    network = keras.Model(model.inputs, model.get_layer(_EMBEDDING).output)
    picture = keras.Input((48, 48, 3), batch_size=1, dtype="uint8", name="picture")
    grey = ops.dot(ops.cast(picture, "float32"), ops.reshape((0.299, 0.587, 0.114), (3, 1)))  # Rec. 601, as in `pixels`
    return keras.Model(picture, network(ops.cast(ops.round(grey), "uint8")), name="embedder")


register(
    Recipe(
        name="embedder",
        summary="A residual network on the grey 48x48 crop whose last layer of 1280 numbers serves other models too.",
        feature="pixels",
        label_sets=("fer7",),
        settings=EmbedderSettings,
        build=build,
        extras={EMBEDDER.name: embedder_of},
    )
)
