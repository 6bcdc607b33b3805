"""EfficientNet-Lite0 filled from a state dict: one made up here, and the published one where this machine has it."""

import pytest

from core.recipes import get_recipe

MADE_UP = """
from core.recipes import get_recipe
from core.recipes.layers.efficientnet import efficientnet_lite0, fill_efficientnet_lite0

def state_of(trunk):
    # The same weights as PyTorch has them, by names that are counted here from those of the layers.
    state, block, place = {}, -1, 0
    for layer in trunk.layers:
        kind = layer.name.split("_")[-2]
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)):
            if kind in ("stem", "head"):
                name, norm = f"_conv_{kind}", {"stem": "_bn0", "head": "_bn1"}[kind]
            else:
                block += kind == "expand" or layer.name == "stage1_block1_depthwise_conv"
                norm = f"_blocks.{block}._bn{('expand', 'depthwise', 'project').index(kind)}"
                name = f"_blocks.{block}._{kind}_conv"
            axes = (2, 3, 0, 1) if kind == "depthwise" else (3, 2, 0, 1)
            state[f"{name}.weight"] = np.asarray(layer.kernel).transpose(axes)
        elif isinstance(layer, keras.layers.BatchNormalization):
            parts = ("weight", "bias", "running_mean", "running_var")
            state |= {f"{norm}.{part}": np.asarray(array) for part, array in zip(parts, layer.weights, strict=True)}
    return state

rng = np.random.default_rng(0)
grey = rng.normal(size=(2, 32, 32, 1)).astype(np.float32)
trunk = efficientnet_lite0(keras.Input((32, 32, 3)), "colours")
for weight in trunk.weights:
    around = 1.0 if weight.name in ("gamma", "moving_variance") else 0.0
    fan_in = np.prod(weight.shape[:2] if weight.shape[-1] == 1 else weight.shape[:-1])
    weight.assign(rng.normal(around, (2 / fan_in) ** 0.5 if len(weight.shape) == 4 else 0.1, weight.shape))
state = state_of(trunk)
told["arrays"] = len(state)

single = efficientnet_lite0(keras.Input((32, 32, 1)), "grey")
fill_efficientnet_lite0(single, state | {"_fc.weight": np.zeros((1000, 1280)), "_fc.bias": np.zeros(1000)})
one, other = single.predict_on_batch(grey), trunk.predict_on_batch(np.repeat(grey, 3, axis=-1))
told["spread"], told["apart"] = float(np.ptp(one, axis=0).max()), float(np.abs(one - other).max())

def refusal(state):
    try:
        fill_efficientnet_lite0(single, state)
    except (KeyError, ValueError) as error:
        return type(error).__name__

told["missing"] = refusal({name: array for name, array in state.items() if name != "_blocks.3._bn1.bias"})
told["narrow"] = refusal(state | {"_conv_head.weight": state["_conv_head.weight"][:7]})

recipe = get_recipe("transfer-efficientnet")
model = recipe.build(recipe.settings(side=64))
told["sees"] = list(recipe.backbone.find(model).input_shape)
told["layers"] = [layer.name for layer in recipe.backbone.find(model).layers]
"""

REAL = """
from pathlib import Path
from skimage import color, data, transform
from core.recipes.layers.efficientnet import efficientnet_lite0, fill_efficientnet_lite0
from training.fit.state_dict import read_state_dict

state = read_state_dict(Path(%r))
trunk = efficientnet_lite0(keras.Input((224, 224, 1)), "grey")
fill_efficientnet_lite0(trunk, state)
pictures = np.stack([transform.resize(color.rgb2gray(picture[:, -picture.shape[0] :]), (224, 224), anti_aliasing=True)
                     for picture in (data.coffee(), data.chelsea())])[..., None]
logits = trunk.predict_on_batch((pictures - 0.449) / 0.226) @ state["_fc.weight"].T + state["_fc.bias"]
told["classes"] = logits.argmax(axis=1).tolist()
"""


@pytest.fixture(scope="module")
def told(keras_tells):
    return keras_tells(MADE_UP)


def test_a_state_dict_fills_it_and_the_grey_stem_is_the_sum_of_the_colours(told):
    assert told["arrays"] == 49 * 5  # convolutions, each with four vectors
    assert told["spread"] > 0.1
    assert told["apart"] < 1e-3 * told["spread"]


def test_a_state_dict_of_another_network_is_refused(told):
    assert (told["missing"], told["narrow"]) == ("KeyError", "ValueError")


def test_the_recipe_sees_the_crop_in_the_size_that_is_set(told):
    assert told["sees"] == [None, 64, 64, 1]


def test_what_can_be_thawed_are_layers(told):
    thaw = get_recipe("transfer-efficientnet").settings.__dataclass_fields__["thaw"]
    assert set(thaw.metadata["choices"]) <= set(told["layers"])


def test_the_published_weights_know_coffee_and_a_cat(keras_tells, efficientnet_lite0):
    espresso, cats = 967, {281, 282, 285}
    coffee, chelsea = keras_tells(REAL % str(efficientnet_lite0))["classes"]
    assert coffee == espresso
    assert chelsea in cats
