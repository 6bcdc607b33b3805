"""`mesh-transformer`: a transformer encoder whose tokens are points of the face mesh, with two answers."""

from __future__ import annotations

from dataclasses import dataclass

from ..faces.mesh_topology import MESH_POINTS, tesselation
from ..labels import LABEL_SETS
from . import register
from .layers.graphs import hops, patches
from .recipe import FitSettings, Recipe, setting

_ANSWERS = ("fer7", "ferplus8")


@dataclass(frozen=True)
class TransformerSettings(FitSettings):
    """Settings of `mesh-transformer`."""

    epochs: int = setting(40, least=1)
    weight_decay: float = setting(0.05, least=0)
    tokens: int = setting(
        52,
        least=1,
        most=MESH_POINTS,
        help="Number of tokens, each a patch of neighbouring points; 468 makes one of each point.",
    )
    patch: int = setting(20, least=1, most=MESH_POINTS, help="Number of points in a patch; patches overlap.")
    width: int = setting(96, least=4, most=512, help="Channels of a token.")
    heads: int = setting(4, least=1, most=64, help="Number of attention heads; they share the width.")
    blocks: int = setting(4, least=1, most=16, help="Number of encoder blocks, one after the other.")
    dropout: float = setting(0.1, least=0, most=0.95, help="Share of the numbers left out during training.")
    skipped: float = setting(
        0.1,
        least=0,
        most=0.95,
        help="Stochastic depth: share of the examples that the last block leaves as they are during training.",
    )
    details: bool = setting(True, help="Give each token also where its points lie relative to their neighbours.")
    jitter: bool = setting(True, help="Training jitter: turns, stretch, mirror image and noise.")
    turn: float = setting(
        5.0, least=0, most=90, help="Training jitter: largest turn of the head up, down or aside, in degrees."
    )
    stretch: float = setting(
        0.03, least=0, most=1, help="Training jitter: largest stretch along each axis, as a fraction."
    )
    mirror: bool = setting(True, help="Answer with the mean over the face and its mirror image.")


def build(settings: TransformerSettings):
    """The untrained network: float32 (n, 468, 3) to logits {"fer7": (n, 7), "ferplus8": (n, 8)}."""
    import keras
    from keras import layers

    from .layers.mesh import MeshJitter, MeshMirrorAverage, detailed, encoder, standardised

    inside = keras.Input((MESH_POINTS, 3))
    x = MeshJitter(settings.turn, stretch=settings.stretch)(inside) if settings.jitter else inside
    x = detailed(x) if settings.details else standardised(x)
    x = _tokens(x, settings)
    for number in range(settings.blocks):
        x = encoder(x, settings.heads, settings.dropout, settings.skipped * (number + 1) / settings.blocks)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    x = layers.Dropout(settings.dropout)(x)
    network = keras.Model(inside, {name: layers.Dense(len(LABEL_SETS[name]), dtype="float32")(x) for name in _ANSWERS})

    mesh = keras.Input((MESH_POINTS, 3), name="mesh")
    logits = MeshMirrorAverage(network)(mesh) if settings.mirror else network(mesh)
    return keras.Model(
        mesh,
        {name: layers.Identity(dtype="float32", name=name)(logits[name]) for name in _ANSWERS},
        name="mesh_transformer",
    )


def _tokens(x, settings: TransformerSettings):
    from keras import layers, ops

    from .layers.mesh import Position, per_point

    if settings.tokens == MESH_POINTS:
        return Position()(layers.Dense(settings.width)(x))
    groups = patches(hops(tesselation()), settings.tokens, settings.patch)
    x = ops.take(x, groups.ravel(), axis=1)
    return per_point(layers.Reshape((settings.tokens, x.shape[-1] * settings.patch))(x), settings.width)


register(
    Recipe(
        name="mesh-transformer",
        summary="A transformer on the face mesh, its tokens patches of neighbouring points; seven and eight classes.",
        feature="mesh",
        label_sets=_ANSWERS,
        settings=TransformerSettings,
        build=build,
        presets={
            "seed": {
                "epochs": 10,
                "weight_decay": 0.0,
                "votes": 0.0,
                "tokens": MESH_POINTS,
                "width": 64,
                "blocks": 2,
                "skipped": 0.0,
                "details": False,
                "jitter": False,
                "mirror": False,
            }
        },
    )
)
