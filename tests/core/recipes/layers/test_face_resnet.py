"""dlib's face network in Keras, filled with weights made up here, beside the published network step by step."""

CODE = """
from keras import ops
from core.recipes.layers.face_resnet import face_resnet, fill_face_resnet

rng = np.random.default_rng(0)
shapes = {"conv32_down": (32, 3, 7, 7)}
for filters, blocks, before in ((32, 3, 32), (64, 3, 32), (128, 2, 64), (256, 2, 128)):
    if filters > 32:
        shapes[f"conv{filters}_down.conv1"] = filters, before, 3, 3
        shapes[f"conv{filters}_down.conv2"] = filters, filters, 3, 3
    for block in range(1, blocks + 1):
        shapes |= {f"conv{filters}_{block}.conv{n}": (filters, filters, 3, 3) for n in (1, 2)}
arrays = {}
for name, shape in shapes.items():
    arrays[f"{name}.conv.filters"] = rng.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape).astype("f4")
    arrays[f"{name}.conv.bias"] = rng.normal(0, 0.1, shape[0]).astype("f4")
    arrays[f"{name}.scale.weights"] = rng.normal(0.7, 0.1, shape[0]).astype("f4")
    arrays[f"{name}.scale.biases"] = rng.normal(0, 0.1, shape[0]).astype("f4")

def step(x, name, strides=1, padding="same"):
    kernel = arrays[f"{name}.conv.filters"].transpose(2, 3, 1, 0)
    x = ops.conv(x, kernel, strides, padding) + arrays[f"{name}.conv.bias"]
    return x * arrays[f"{name}.scale.weights"] + arrays[f"{name}.scale.biases"]

def block(x, name):
    return ops.relu(x + step(ops.relu(step(x, f"{name}.conv1")), f"{name}.conv2"))

def down(x, name):
    y = step(ops.relu(step(x, f"{name}.conv1", 2, "valid")), f"{name}.conv2")
    x = ops.average_pool(x, 2, 2)
    side = max(x.shape[1], y.shape[1])
    pad = lambda z: ops.pad(z, ((0, 0), (0, side - z.shape[1]), (0, side - z.shape[2]), (0, y.shape[3] - z.shape[3])))
    return ops.relu(pad(x) + pad(y))

def published(standard):
    grey = ops.repeat(118 + 58 * standard, 3, axis=-1)
    x = (grey - np.array([122.782, 117.001, 104.298], "f4")) / 256
    x = ops.max_pool(ops.relu(step(x, "conv32_down", 2, "valid")), 3, 2)
    for filters, blocks in ((32, 3), (64, 3), (128, 2), (256, 2)):
        x = down(x, f"conv{filters}_down") if filters > 32 else x
        for number in range(1, blocks + 1):
            x = block(x, f"conv{filters}_{number}")
    return ops.mean(x, axis=(1, 2))

crops = rng.integers(0, 256, (6, 48, 48, 1)).astype(np.uint8)
trunk = face_resnet(keras.Input((80, 80, 1)), "trunk")
fill_face_resnet(trunk, arrays, crops)
seen = rng.normal(size=(3, 80, 80, 1)).astype("f4")
wanted = np.asarray(published(seen))
told["apart"] = float(np.abs(np.asarray(trunk(seen, training=False)) - wanted).max() / np.abs(wanted).max())
del arrays["conv64_down.conv2.conv.bias"]
try:
    fill_face_resnet(trunk, arrays, crops)
except KeyError as error:
    told["missing"] = str(error)
"""


def test_it_answers_as_the_published_network_does(keras_tells):
    told = keras_tells(CODE)
    assert told["apart"] < 1e-4
    assert "conv64_down.conv2.conv.bias" in told["missing"]
