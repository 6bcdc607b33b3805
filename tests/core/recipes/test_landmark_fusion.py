"""The network of pixels and geometry: what it makes of a face without a mesh, of mirror images, of the embedder."""

import pytest

SCRIPT = """
from unittest.mock import patch
from core.layout import FUSION_LAYOUT
from core.recipes import get_recipe
from core.recipes.layers.fusion import FusionMirror, ModalityDropout, mirror, mirrored
from core.faces.mesh_topology import mirrored_points as mesh_mirror

rng = np.random.default_rng(0)
def face(with_mesh):
    geometry = {"mesh": rng.normal(size=(468, 3)), "blendshapes": rng.random(52), "found": 1} if with_mesh else {}
    return FUSION_LAYOUT.join(pixels=rng.integers(0, 256, (48, 48, 1)), **geometry)

faces = np.array([face(number % 4 > 0) for number in range(16)])
order, sign = mirror()
reflected = np.asarray(mirrored(faces))
here, there = FUSION_LAYOUT.split(faces), FUSION_LAYOUT.split(reflected)
told["picture"] = bool((there["pixels"] == here["pixels"][:, :, ::-1]).all())
told["mesh"] = bool((there["mesh"] == here["mesh"][:, mesh_mirror()] * np.float32([-1, 1, 1])).all())
told["flag"] = bool((there["found"] == here["found"]).all())
told["back"] = bool((np.asarray(mirrored(reflected)) == faces).all())

alike = lambda one, other: (np.asarray(one) == other).all(axis=1)
learning = FusionMirror()(faces, training=True)
told["half"] = [int(alike(learning, faces).sum()), int(alike(learning, reflected).sum())]
told["still"] = bool(alike(FusionMirror()(faces), faces).all())

ones = np.ones((2000, 3), "float32")
kept = np.asarray(ModalityDropout(0.3)(ones, training=True))
told["kept"], told["values"] = float(kept.mean()), sorted(set(kept.ravel().tolist()))
told["rows"] = float(kept.std(axis=1).max())
told["all kept"] = bool((np.asarray(ModalityDropout(0.3)(ones)) == 1).all())

recipe = get_recipe("landmark-fusion")
def answers(model, vectors):
    return np.asarray(model.predict_on_batch(vectors)["fer7"])

def small(image):
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(2, 8, strides=8)(image))
    return keras.layers.Flatten()(x)

keras.utils.set_random_seed(0)
with patch("core.recipes.embedder.trunk", small):  # the real one takes half a minute on JAX
    model, embedder = (one.build(one.settings()) for one in (recipe, get_recipe("embedder")))
shapes = [[list(weight.shape) for weight in part.weights] for part in (recipe.trunk.find(model), embedder)]
told["trunk"] = len(shapes[0]) == 6 and shapes[0] == shapes[1][:6]
told["embedder alone"] = shapes[1][6:]
told["finite"] = bool(np.isfinite(answers(model, faces)).all())
told["reflected"] = float(np.abs(answers(model, faces) - answers(model, reflected)).max())
turned = faces.copy()
turned[:, FUSION_LAYOUT.slices["mesh"]] *= 1.5
changed = np.abs(answers(model, faces) - answers(model, turned)).max(axis=1) > 1e-4
told["sees the mesh"] = bool((changed == (faces[:, -1] == 1)).all())

blind = faces.copy()
blind[:, FUSION_LAYOUT.slices["pixels"].stop :] = 0
learning = [np.asarray(model(vectors, training=True)["fer7"]) for vectors in (faces, blind)]
told["finite while it learns"] = bool(np.isfinite(learning).all())
told["finite after"] = bool(np.isfinite(answers(model, faces)).all())
"""


@pytest.fixture(scope="module")
def told(keras_tells):
    return keras_tells(SCRIPT)


def test_picture_mesh_and_movements_are_mirrored_together(told):
    assert told["picture"]
    assert told["mesh"]
    assert told["flag"]
    assert told["back"]


def test_half_of_the_faces_are_mirrored_while_it_learns(told):
    whole, mirrored = told["half"]
    assert whole + mirrored == 16
    assert 0 < whole < 16
    assert told["still"]


def test_geometry_is_dropped_whole_and_unscaled_while_it_learns_only(told):
    assert told["kept"] == pytest.approx(0.7, abs=0.05)
    assert told["values"] == [0, 1]
    assert told["rows"] == 0
    assert told["all kept"]


def test_every_face_gets_an_answer_and_its_mirror_image_the_same(told):
    assert told["finite"]
    assert told["reflected"] < 1e-4


def test_geometry_counts_only_where_the_flag_is_up(told):
    assert told["sees the mesh"]


def test_its_trunk_is_all_of_the_embedder_but_the_answers(told):
    assert told["trunk"]
    assert told["embedder alone"] == [[72, 7], [7]]


def test_it_learns_from_batches_without_any_mesh(told):
    assert told["finite while it learns"]
    assert told["finite after"]
