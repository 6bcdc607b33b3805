"""`mesh-gnn`: a graph network on the face mesh."""

from __future__ import annotations

from dataclasses import dataclass

from ..faces.mesh_topology import MESH_POINTS, tesselation
from . import register
from .layers.graphs import coarsened, normalised_adjacency
from .recipe import FitSettings, Recipe, setting


@dataclass(frozen=True)
class GnnSettings(FitSettings):
    """Settings of `mesh-gnn`."""

    epochs: int = setting(40, least=1)
    learning_rate: float = setting(2e-3, least=0)
    weight_decay: float = setting(0.05, least=0)
    width: int = setting(
        32, least=4, most=1024, help="Channels at the mesh's own points; they double with each coarser graph."
    )
    dropout: float = setting(0.2, least=0, most=0.95, help="Share of the numbers left out during training.")
    turn: float = setting(
        5.0, least=0, most=90, help="Training jitter: largest turn of the head up, down or aside, in degrees."
    )
    stretch: float = setting(
        0.03, least=0, most=1, help="Training jitter: largest stretch along each axis, as a fraction."
    )
    plain: bool = setting(
        False,
        help="The published form: three graph convolutions on (x, y) and a mean, without telling the points apart.",
    )


def build(settings: GnnSettings):
    """The untrained network: float32 (n, 468, 3) to logits {"fer7": (n, 7)}."""
    import keras

    from .layers.mesh import MeshMirrorAverage

    mesh = keras.Input((MESH_POINTS, 3), name="mesh")
    if settings.plain:
        logits = keras.layers.Identity(dtype="float32", name="fer7")(_plain(mesh, settings.width))
    else:
        inside = keras.Input((MESH_POINTS, 3))
        logits = MeshMirrorAverage(keras.Model(inside, _coarsening(inside, settings)), name="fer7")(mesh)
    return keras.Model(mesh, {"fer7": logits}, name="mesh_gnn")


def _plain(x, width: int):
    from keras import layers

    from .layers.mesh import FixedProduct

    near = FixedProduct(normalised_adjacency(tesselation()))
    x = x[:, :, :2]
    for _ in range(3):
        x = layers.Dense(width, activation="relu")(near(x))
    return layers.Dense(7, dtype="float32")(layers.GlobalAveragePooling1D()(x))


def _coarsening(x, settings: GnnSettings):
    from keras import layers

    from .layers.mesh import FixedProduct, MeshJitter, detailed, per_point, residual

    edges, width = tesselation(), settings.width
    x = per_point(detailed(MeshJitter(settings.turn, stretch=settings.stretch)(x)), width)
    x = residual(x, FixedProduct(normalised_adjacency(edges)), width, settings.dropout)
    for count in (117, 30):
        mean, edges = coarsened(edges, count)
        near = FixedProduct(normalised_adjacency(edges))
        width *= 2
        x = per_point(FixedProduct(mean)(x), width)
        for _ in range(2):
            x = residual(x, near, width, settings.dropout)
    x = layers.LayerNormalization()(x)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])
    return layers.Dense(7, dtype="float32")(layers.Dropout(settings.dropout)(x))


register(
    Recipe(
        name="mesh-gnn",
        summary="A graph network on the 468 points of the face mesh, coarsened twice on the way.",
        feature="mesh",
        label_sets=("fer7",),
        settings=GnnSettings,
        build=build,
        presets={
            "seed": {
                "learning_rate": 1e-3,
                "schedule": "constant",
                "weight_decay": 0.0,
                "votes": 0.0,
                "width": 64,
                "plain": True,
            }
        },
    )
)
