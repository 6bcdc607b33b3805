"""The two real backbones, at 32 pixels."""

import pytest

BUILT = """
from core.recipes import get_recipe
from training.settings import settings_of

def built(name, preset):
    recipe = get_recipe(name)
    settings = settings_of(recipe, preset, ["side=32"])
    keras.utils.set_random_seed(0)
    return recipe, settings, recipe.build(settings)
"""
THAWED = (
    BUILT
    + """
from training.fit.transfer import begin_epoch

recipe, settings, model = built(name, "seed")
whole = recipe.backbone.find(model)
for epoch, since in ((0, 0), (settings.frozen_epochs, settings.frozen_epochs)):
    assert begin_epoch(model, recipe, settings, epoch, 5, None) == since
    learn = {layer.name for layer in whole.layers if layer.trainable_weights}
    norms = {layer.name for layer in whole.layers if isinstance(layer, keras.layers.BatchNormalization)}
    stage = {layer.name for layer in whole.layers if layer.name.startswith(kept) and layer.weights}
    assert stage, kept
    assert learn == (stage - norms if epoch else set()), learn
    assert len(model.trainable_weights) == 4 + 2 * len(learn)  # the head: two layers of two
"""
)
ANSWERS = (
    BUILT
    + """
from pathlib import Path
from training.export.formats import run_litert, write_litert

pictures = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1)).astype(np.uint8)
model = built("transfer-vgg16", "scratch")[2]
logits = model.predict(pictures, verbose=0)["fer7"]
assert logits.shape == (4, 7) and np.ptp(logits, axis=0).max() > 1e-6
mirrored = model.predict(pictures[:, :, ::-1], verbose=0)["fer7"]
np.testing.assert_allclose(logits, mirrored, rtol=1e-3, atol=1e-6)
dim = model.predict(pictures // 4 + 20, verbose=0)["fer7"]
np.testing.assert_allclose(logits, dim, atol=0.05 * np.abs(logits).max())

path = Path(folder, "model.tflite")
write_litert(model, path, "float16")
assert 28e6 < path.stat().st_size < 31e6
np.testing.assert_allclose(run_litert(path, pictures)["fer7"], logits, atol=1e-3)
"""
)


@pytest.mark.parametrize(("name", "kept"), [("transfer-vgg16", "block5"), ("transfer-resnet50", "conv5")])
def test_the_published_form_thaws_the_last_stage(keras_on, name, kept):
    keras_on("tensorflow")(THAWED, name=name, kept=kept)


def test_a_dim_picture_and_a_mirror_image_get_the_same_answer_and_the_export_too(keras_on, tmp_path):
    keras_on("tensorflow")(ANSWERS, folder=str(tmp_path))
