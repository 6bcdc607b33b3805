"""`mesh-gnn` and `mesh-transformer` on meshes made here."""

import pytest

SCRIPT = """
from dataclasses import replace
from core.recipes.layers.graphs import normalised_adjacency
from core.recipes import get_recipe
from core.faces.mesh_topology import mirrored_points, tesselation

recipe = get_recipe(name)
rng = np.random.default_rng(0)
labels = np.arange(14) % 7
expressions = rng.normal(size=(7, 468, 3)) * 0.1
face = rng.normal(size=(468, 3))
meshes = (face + expressions[labels] + rng.normal(size=(14, 468, 3)) * 0.02).astype("float32")
reflected = meshes[:, mirrored_points()] * np.float32([-1, 1, 1])
kinds = {name: np.eye(size)[labels] for name, size in (("fer7", 7), ("ferplus8", 8)) if name in recipe.label_sets}

def built(preset, **changes):
    keras.utils.set_random_seed(0)
    settings = replace(recipe.settings(**recipe.presets.get(preset, {})), **changes)
    return recipe.build(settings)

def answers(model, meshes):
    return {name: np.asarray(values) for name, values in model(meshes, training=False).items()}

def apart(one, other):
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)

for preset, changes in forms.items():
    model = built(preset, **changes)
    losses = {name: keras.losses.CategoricalCrossentropy(from_logits=True) for name in kinds}
    on_jax = keras.backend.backend() == "jax"  # elsewhere, compiling takes longer than it saves
    model.compile(keras.optimizers.AdamW(5e-3), losses, jit_compile=on_jax, run_eagerly=not on_jax)
    curve = [float(model.train_on_batch(meshes, kinds, return_dict=True)["loss"]) for _ in range(16)]
    given = answers(model, meshes)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    again.set_weights(model.get_weights())
    told[preset] = {
        "shapes": {name: list(values.shape) for name, values in given.items()},
        "types": [str(values.dtype) for values in given.values()],
        "learnt": curve[-1] < 0.9 * curve[0],
        "mirrored": apart(given, answers(model, reflected)),
        "alone": apart({name: values[:1] for name, values in given.items()}, answers(model, meshes[:1])),
        "again": apart(given, answers(again, meshes)),
        "carries": any(
            weight.shape == (468, 468) and np.allclose(weight, normalised_adjacency(tesselation()))
            for weight in model.get_weights()
        ),
    }
"""


def test_the_graph_network_learns_and_carries_its_graph(keras_tells):
    forms = {"default": {"width": 8, "dropout": 0.0}, "seed": {"width": 8}}
    told = keras_tells(SCRIPT, name="mesh-gnn", forms=forms)
    for form in told.values():
        assert form["shapes"] == {"fer7": [14, 7]}
        assert form["types"] == ["float32"]
        assert form["carries"]
        assert form["alone"] < 1e-4  # the faces of a batch do not mix
        assert form["again"] < 1e-4
    assert told["default"]["learnt"]
    assert told["default"]["mirrored"] < 1e-4
    assert told["seed"]["mirrored"] > 1e-5


@pytest.mark.slow
def test_the_transformer_learns_two_answers(keras_tells):
    small = {"width": 16, "blocks": 1, "heads": 1}
    forms = {"default": small | {"tokens": 13, "dropout": 0.0, "skipped": 0.2}, "seed": small}
    told = keras_tells(SCRIPT, name="mesh-transformer", forms=forms)
    for form in told.values():
        assert form["shapes"] == {"fer7": [14, 7], "ferplus8": [14, 8]}
        assert form["types"] == ["float32", "float32"]
        assert form["learnt"]
        assert form["alone"] < 1e-4  # the faces of a batch do not mix
        assert form["again"] < 1e-4
    assert told["default"]["mirrored"] < 1e-4
    assert told["seed"]["mirrored"] > 1e-5
