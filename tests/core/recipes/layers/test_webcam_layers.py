"""What a webcam does to a face, on images made here."""

SCRIPT = """
from core.recipes.layers.images import Webcam

rng = np.random.default_rng(0)
images = rng.normal(size=(64, 48, 48, 1)).astype("float32")
images = np.cumsum(images, axis=2)  # smooth along one direction, as faces are
images = (images - images.mean((1, 2, 3), keepdims=True)) / images.std((1, 2, 3), keepdims=True)

def detail(images):
    return np.abs(np.diff(np.asarray(images), axis=1)).mean((1, 2, 3))

still = np.asarray(Webcam()(images, training=False))
told["still"] = bool(np.array_equal(still, images))
seen = np.asarray(Webcam()(images, training=True))
told["means"] = float(np.abs(seen.mean((1, 2, 3))).max())
told["deviations"] = [float(seen.std((1, 2, 3)).min()), float(seen.std((1, 2, 3)).max())]
told["changed"] = float(np.mean([not np.allclose(one, other, atol=1e-3) for one, other in zip(seen, images)]))
near = np.asarray(Webcam(light=0.0, tone=0.0, far=0.0)(images, training=True))
told["near"] = float(np.abs(near - images).max())
far = np.asarray(Webcam(light=0.0, tone=0.0, far=1.0)(images, training=True))
told["far"] = float((detail(far) / detail(images)).max())
lit = np.asarray(Webcam(light=4.0, tone=0.0, far=0.0)(np.zeros_like(images), training=True))
told["slopes"] = float(np.abs(lit[:, 24, -1, 0] + lit[:, 24, 0, 0]).max())  # what one side gains, the other loses
same = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(Webcam(far=0.7)))
told["far again"] = same.far
"""


def test_light_and_distance_vary_while_it_learns(keras_tells):
    told = keras_tells(SCRIPT)
    assert told["still"]
    assert told["means"] < 1e-4
    assert 0.9 < told["deviations"][0] <= told["deviations"][1] < 1.05
    assert told["changed"] == 1
    assert told["near"] < 0.05  # standardised anew
    assert told["far"] < 0.8
    assert told["slopes"] < 0.2
    assert told["far again"] == 0.7
