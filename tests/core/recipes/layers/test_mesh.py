"""Layers of the mesh's recipes: what they do while a network learns and while it answers."""

import pytest

SCRIPT = """
from core.recipes.layers.mesh import FixedProduct
from core.recipes.layers.mesh import MeshJitter, detailed, mirrored, per_point, standardised
from core.recipes.layers.mesh import encoder
from core.faces.mesh_topology import mirrored_points

def jittered(**options):
    return np.asarray(MeshJitter(**{"turn": 0, "tilt": 0, "stretch": 0, "noise": 0} | options)(meshes, training=True))

def alike(meshes, others):
    return np.abs(meshes - others).max(axis=(1, 2)) < 1e-5

meshes = np.random.default_rng(0).normal(size=(64, 468, 3)).astype("float32")
reflected = meshes[:, mirrored_points()] * np.float32([-1, 1, 1])
told["involution"] = bool(alike(np.asarray(mirrored(mirrored(meshes))), meshes).all())
told["still"] = bool((np.asarray(MeshJitter()(meshes)) == meshes).all())
told["configured"] = MeshJitter.from_config(MeshJitter(turn=7).get_config()).turn

plain = jittered()
told["whole"], told["mirrored"] = int(alike(plain, meshes).sum()), int(alike(plain, reflected).sum())
lengths, turned = np.linalg.norm(plain, axis=2), jittered(turn=30, tilt=10)
told["rigid"] = float(np.abs(np.linalg.norm(turned, axis=2) - lengths).max())
told["turned"] = float(np.abs(turned - plain).mean())
gain = jittered(stretch=0.1) / plain
told["gain"], told["uneven"] = [float(gain.min()), float(gain.max())], float(gain.std(axis=1).max())
noise = (jittered(noise=0.1) - plain).std(axis=(1, 2))
told["noise"] = [float(noise.min()), float(noise.max())]

tokens = keras.Input((2, 8))
block = keras.Model(tokens, encoder(tokens, heads=2, dropout=0.0, skipped=0.5))
alikes = np.repeat(np.random.default_rng(0).normal(size=(1, 2, 8)).astype("float32"), 200, axis=0)
seen = np.asarray(block(alikes, training=True)).reshape(200, -1)
told["depths"] = len(np.unique(seen.round(3), axis=0))
told["skipped"] = bool((np.abs(seen - alikes.reshape(200, -1)).max(axis=1) < 1e-5).any())

matrix = np.random.default_rng(0).normal(size=(5, 468))
layer = FixedProduct(matrix)
product = np.asarray(layer(meshes))
told["product"] = float(np.abs(product - np.einsum("rp,npc->nrc", matrix, meshes)).max())
told["weights"] = [len(layer.weights), len(layer.trainable_weights)]

keras.config.set_dtype_policy("mixed_bfloat16")  # too coarse for coordinates
mesh = keras.Input((468, 3))
standard = standardised(mesh)
model = keras.Model(mesh, [standard, per_point(standard, 4)])
details = keras.Model(mesh, detailed(mesh))
near = meshes[0] + 0.02 * np.random.default_rng(1).normal(size=(256, 468, 3)).astype("float32")
standard, _ = (np.asarray(part) for part in model(near, training=True))
told["standard"] = [float(np.abs(standard.mean(axis=0)).max()), float(standard.std()), str(standard.dtype)]
both = np.asarray(details(near, training=True))
told["detailed"] = [list(both.shape), bool(np.allclose(both[..., :3], standard, atol=1e-3)), float(both[..., 3:].std())]
moved = np.asarray(details(near + np.float32([5, -3, 1]), training=True))
told["moved"] = float(np.abs(moved - both)[..., 3:].max())
told["identity"] = float(np.asarray(model(np.ones((1, 468, 3), "float32"))[1], "float32").std(axis=1).min())
"""


@pytest.fixture(scope="module")
def told(keras_tells):
    return keras_tells(SCRIPT)


def test_the_mirror_image_of_the_mirror_image_is_the_mesh(told):
    assert told["involution"]


def test_jitter_does_nothing_when_it_is_not_learning(told):
    assert told["still"]
    assert told["configured"] == 7


def test_jitter_mirrors_half_of_the_meshes(told):
    assert told["whole"] + told["mirrored"] == 64
    assert 16 <= told["mirrored"] <= 48


def test_jitter_turns_without_bending(told):
    assert told["rigid"] < 1e-4
    assert told["turned"] > 0.1


def test_jitter_stretches_all_points_alike_and_adds_noise(told):
    assert 0.9 < told["gain"][0] < 0.95
    assert 1.05 < told["gain"][1] < 1.11
    assert told["uneven"] < 1e-3
    assert told["noise"][0] < 0.05 < told["noise"][1] < 0.105


def test_an_encoder_leaves_out_whole_branches_while_it_learns(told):
    assert told["depths"] == 4  # with and without the attention, with and without the Dense layers
    assert told["skipped"]


def test_the_product_is_with_the_matrix_and_the_matrix_is_not_trained(told):
    assert told["product"] < 1e-3
    assert told["weights"] == [1, 0]


def test_each_point_has_a_mean_and_a_map_of_its_own(told):
    mean, spread, kind = told["standard"]
    assert mean < 0.01
    assert 0.8 < spread < 1
    assert kind == "float32"
    assert told["identity"] > 0.01


def test_details_stand_beside_the_points_and_do_not_see_where_the_face_is(told):
    shape, begins_alike, spread = told["detailed"]
    assert shape == [256, 468, 9]
    assert begins_alike
    assert 0.8 < spread < 1.05
    assert told["moved"] < 0.05
