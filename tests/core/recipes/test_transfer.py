"""The two real backbones at 32 pixels, in processes of their own: TensorFlow must not share the app's."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

PRELUDE = """
import sys
from pathlib import Path
import keras
import numpy as np
from core.recipes import get_recipe
from training.settings import settings_of
from training.fit.transfer import begin_epoch

pictures = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1)).astype(np.uint8)

def built(name, preset, *assignments):
    recipe = get_recipe(name)
    settings = settings_of(recipe, preset, ["side=32", *assignments])
    keras.utils.set_random_seed(0)
    return recipe, settings, recipe.build(settings)
"""


def check(code, *arguments):
    outcome = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    assert outcome.returncode == 0, outcome.stderr[-3000:]


@pytest.mark.parametrize(("name", "kept"), [("transfer-vgg16", "block5"), ("transfer-resnet50", "conv5")])
def test_the_published_form_thaws_the_last_stage(name, kept):
    check(
        """
        name, kept = sys.argv[1:]
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
        """,
        name,
        kept,
    )


def test_a_dim_picture_and_a_mirror_image_get_the_same_answer_and_the_export_too(tmp_path):
    check(
        """
        from training.export.formats import run_litert, write_litert

        model = built("transfer-vgg16", "scratch")[2]
        logits = model.predict(pictures, verbose=0)["fer7"]
        assert logits.shape == (4, 7) and np.ptp(logits, axis=0).max() > 1e-6
        mirrored = model.predict(pictures[:, :, ::-1], verbose=0)["fer7"]
        np.testing.assert_allclose(logits, mirrored, rtol=1e-3, atol=1e-6)
        dim = model.predict(pictures // 4 + 20, verbose=0)["fer7"]
        np.testing.assert_allclose(logits, dim, atol=0.05 * np.abs(logits).max())

        path = Path(sys.argv[1]) / "model.tflite"
        write_litert(model, path, "float16")
        assert 28e6 < path.stat().st_size < 31e6
        np.testing.assert_allclose(run_litert(path, pictures)["fer7"], logits, atol=1e-3)
        """,
        tmp_path,
    )
