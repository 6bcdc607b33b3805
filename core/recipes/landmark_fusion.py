"""`landmark-fusion`: pixels and geometry in one network, which also answers where no mesh is found."""

from __future__ import annotations

from dataclasses import dataclass

from . import embedder, register
from .recipe import JitterSettings, Recipe, Trunk, setting

_ANSWER, _TRUNK = "fer7", "trunk"


@dataclass(frozen=True)
class FusionSettings(JitterSettings):
    """Settings of `landmark-fusion`."""

    epochs: int = setting(60, least=1)
    batch: int = setting(128, least=1)
    learning_rate: float = setting(1.5e-3, least=0)
    weight_decay: float = setting(0.05, least=0)
    dropout: float = setting(
        0.4, least=0, most=0.95, help="Share of the numbers of both branches left out during training."
    )
    without_mesh: float = setting(
        0.3,
        least=0,
        most=1,
        help="Share of the faces trained without their mesh, so that the network can do without one.",
    )
    width: int = setting(192, least=1, most=4096, help="Width of the geometry's layers, in channels.")
    noise: float = setting(
        0.1,
        least=0,
        help="Training jitter: noise on each number of the geometry, in standard deviations of that number.",
    )


def build(settings: FusionSettings):
    """The untrained network: float32 (n, 3761), in `FUSION_LAYOUT`, to logits {"fer7": (n, 7)}.

    The mesh is normalised, so that turning, zooming and moving the picture leave it as it is; mirroring does not.
    """
    import keras
    from keras import layers

    from ..layout import FUSION_LAYOUT
    from .layers.fusion import FusionMirror, FusionMirrorAverage, ModalityDropout
    from .layers.images import Jitter, Standardize

    face = keras.Input((FUSION_LAYOUT.size,))
    x = FusionMirror()(face)
    part = {
        name: layers.Reshape(FUSION_LAYOUT.shapes[name], dtype="float32")(x[:, place])
        for name, place in FUSION_LAYOUT.slices.items()
    }

    pixels = Standardize()(part["pixels"])
    pixels = Jitter(settings.rotation, settings.scale, settings.shift, mirror=False)(pixels)
    image = keras.Input((48, 48, 1))
    pixels = keras.Model(image, embedder.trunk(image), name=_TRUNK)(pixels)

    geometry = layers.Concatenate(dtype="float32")([layers.Flatten(dtype="float32")(part["mesh"]), part["blendshapes"]])
    geometry = layers.BatchNormalization(momentum=0.95, epsilon=1e-4, dtype="float32")(
        geometry, mask=part["found"][:, 0] > 0.5
    )
    geometry = layers.GaussianNoise(settings.noise)(geometry)
    geometry = layers.Multiply()([geometry, part["found"]])
    geometry = layers.Concatenate()([geometry, part["found"]])
    geometry = ModalityDropout(settings.without_mesh)(geometry)
    for _ in range(2):
        geometry = layers.Dense(settings.width, activation="gelu")(layers.Dropout(settings.dropout / 2)(geometry))

    both = layers.Dropout(settings.dropout)(layers.Concatenate()([pixels, geometry]))
    network = keras.Model(face, layers.Dense(7, dtype="float32")(both))

    face = keras.Input((FUSION_LAYOUT.size,), name="fusion")
    return keras.Model(face, {_ANSWER: FusionMirrorAverage(network, name=_ANSWER)(face)}, name="landmark_fusion")


def trunk_of(model):
    """The part that the embedder has too."""
    return model.get_layer(_ANSWER).network.get_layer(_TRUNK)


register(
    Recipe(
        name="landmark-fusion",
        summary="The crop's pixels, mesh and movements in one network; where no mesh is found, the pixels alone.",
        feature="fusion",
        label_sets=(_ANSWER,),
        settings=FusionSettings,
        build=build,
        trunk=Trunk("embedder", trunk_of),
    )
)
