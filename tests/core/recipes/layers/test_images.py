"""Layers of pictures, on images made here; the fast batch normalisation beside Keras's own."""

NORMALISATION = """
from core.recipes.layers.images import FusedBatchNormalization

rng = np.random.default_rng(0)
images = rng.normal(2, 3, (6, 5, 4, 3)).astype("float32")
rows = images.reshape(-1, 3)
layers = [kind(momentum=0.9) for kind in (keras.layers.BatchNormalization, FusedBatchNormalization)]
losses = []
for layer in layers:
    model = keras.Sequential([keras.Input(images.shape[1:]), layer, keras.layers.Conv2D(2, 3)])
    model.layers[-1].set_weights([np.linspace(-1, 1, 54).reshape(3, 3, 3, 2), np.zeros(2)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    target = np.ones((6, 3, 2, 2), "float32")
    losses.append([float(model.train_on_batch(images, target)) for _ in range(5)])
told["losses apart"] = float(np.abs(np.subtract(*losses)).max())
told["learns"] = losses[0][-1] < losses[0][0]
told["weights"] = [weight.name for weight in layers[1].weights]
told["weights apart"] = max(
    float(np.abs(one - other).max()) for one, other in zip(layers[0].get_weights(), layers[1].get_weights())
)
answers = [np.asarray(layer(images, training=False)) for layer in layers]
told["answers apart"] = float(np.abs(np.subtract(*answers)).max())
apart = np.subtract(*(np.asarray(kind()(rows, training=True)) for kind in (keras.layers.BatchNormalization,
                                                                          FusedBatchNormalization)))
told["rows apart"] = float(np.abs(apart).max())
half = FusedBatchNormalization(dtype="mixed_bfloat16")(images, training=True)
told["half"] = keras.backend.standardize_dtype(half.dtype)
layers[1].trainable = False
before = layers[1].get_weights()
frozen = np.asarray(layers[1](images * 5, training=True))
told["frozen"] = all(np.array_equal(*pair) for pair in zip(before, layers[1].get_weights()))
"""
WEBCAM = """
from core.recipes.layers.images import Webcam

rng = np.random.default_rng(0)
images = rng.normal(size=(64, 48, 48, 1)).astype("float32")
images = np.cumsum(images, axis=2)  # smooth along one direction, as faces are
images = (images - images.mean((1, 2, 3), keepdims=True)) / images.std((1, 2, 3), keepdims=True)

def detail(images):
    return np.abs(np.diff(np.asarray(images), axis=1)).mean((1, 2, 3))

still = np.asarray(Webcam()(images, training=False))
told["still"] = bool(np.array_equal(still, images))
varied = np.asarray(Webcam()(images, training=True))
told["means"] = float(np.abs(varied.mean((1, 2, 3))).max())
told["deviations"] = [float(varied.std((1, 2, 3)).min()), float(varied.std((1, 2, 3)).max())]
told["changed"] = float(np.mean([not np.allclose(one, other, atol=1e-3) for one, other in zip(varied, images)]))
near = np.asarray(Webcam(light=0.0, tone=0.0, far=0.0)(images, training=True))
told["near"] = float(np.abs(near - images).max())
far = np.asarray(Webcam(light=0.0, tone=0.0, far=1.0)(images, training=True))
told["far"] = float((detail(far) / detail(images)).max())
lit = np.asarray(Webcam(light=4.0, tone=0.0, far=0.0)(np.zeros_like(images), training=True))
told["slopes"] = float(np.abs(lit[:, 24, -1, 0] + lit[:, 24, 0, 0]).max())  # what one side gains, the other loses
same = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(Webcam(far=0.7)))
told["far again"] = same.far
"""


def test_fast_batch_normalisation_learns_and_answers_as_keras_does(keras_tells):
    told = keras_tells(NORMALISATION)
    assert told["learns"]
    assert told["losses apart"] < 1e-4
    assert told["weights apart"] < 1e-4
    assert told["answers apart"] < 1e-4
    assert told["rows apart"] < 1e-5
    assert told["weights"] == ["gamma", "beta", "moving_mean", "moving_variance"]
    assert told["half"] == "bfloat16"
    assert told["frozen"]


def test_light_and_distance_vary_while_it_learns(keras_tells):
    told = keras_tells(WEBCAM)
    assert told["still"]
    assert told["means"] < 1e-4
    assert 0.9 < told["deviations"][0] <= told["deviations"][1] < 1.05
    assert told["changed"] == 1
    assert told["near"] < 0.05  # standardised again
    assert told["far"] < 0.8
    assert told["slopes"] < 0.2
    assert told["far again"] == 0.7
