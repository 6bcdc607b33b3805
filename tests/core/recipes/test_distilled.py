"""The small network in its two sizes: what each sees, and how the small one begins with the other's trunk."""

import pytest

SCRIPT = """
from pathlib import Path
from core.recipes import get_recipe
from core.recipes.layers.images import MirrorAverage
from training.runs.folder import load_weights, save_weights

recipe = get_recipe("distilled")
rng = np.random.default_rng(0)
faces = rng.integers(0, 256, (4, 48, 48, 1), np.uint8)
small = {"width": 8, "embedding": 12}
large, tiny = (
    recipe.build(recipe.settings(**preset | size))
    for preset, size in (({}, small), (recipe.presets["tiny"], small | {"embedding": 9}))
)

def answers(model, pictures):
    return {name: np.asarray(values) for name, values in model.predict_on_batch(pictures).items()}

def turned(model):
    one, other = answers(model, faces), answers(model, faces[:, :, ::-1])
    return float(max(np.abs(one[name] - other[name]).max() for name in one))

told["shapes"] = {name: list(values.shape) for name, values in answers(tiny, faces).items()}
told["mirrored"] = turned(large), turned(tiny)
told["sees"] = [list(recipe.trunk.find(model).input_shape) for model in (large, tiny)]

path = Path(folder, "large.npz")
save_weights(large, path)
load_weights(recipe.trunk.find(tiny), path, trunk=True)
told["begins"] = all(
    np.allclose(np.asarray(there)[..., : here.shape[-1]], np.asarray(here), rtol=1e-2, atol=1e-4)
    for there, here in zip(recipe.trunk.find(large).weights, recipe.trunk.find(tiny).weights, strict=True)
)
"""


@pytest.fixture(scope="module")
def told(keras_tells, tmp_path_factory):
    return keras_tells(SCRIPT, folder=str(tmp_path_factory.mktemp("weights")))


def test_both_answer_in_the_seven_and_in_the_eight(told):
    assert told["shapes"] == {"fer7": [4, 7], "ferplus8": [4, 8]}


def test_the_large_one_answers_a_mirror_image_alike_and_the_tiny_one_sees_a_smaller_picture_once(told):
    large, tiny = told["mirrored"]
    assert large < 1e-4 < tiny
    assert told["sees"] == [[None, 48, 48, 1], [None, 40, 40, 1]]


def test_the_tiny_one_begins_with_the_trunk_of_the_large_one(told):
    assert told["begins"]
