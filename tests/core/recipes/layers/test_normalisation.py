"""The fast batch normalisation, beside Keras's own."""

SCRIPT = """
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


def test_it_learns_and_answers_as_keras_does(keras_tells):
    told = keras_tells(SCRIPT)
    assert told["learns"]
    assert told["losses apart"] < 1e-4
    assert told["weights apart"] < 1e-4
    assert told["answers apart"] < 1e-4
    assert told["rows apart"] < 1e-5
    assert told["weights"] == ["gamma", "beta", "moving_mean", "moving_variance"]
    assert told["half"] == "bfloat16"
    assert told["frozen"]
