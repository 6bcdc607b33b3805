"""Parameters, counted by Keras in a process of its own; a network that only is built needs none of the backends."""

import os
import subprocess
import sys
from pathlib import Path

from core.recipes import get_recipe

ROOT = Path(__file__).resolve().parents[3]

COUNT = """
from core.recipes import get_recipe
from training.settings import settings_of

recipe = get_recipe("embedding-mlp")
print(*(recipe.build(settings_of(recipe, preset)).count_params() for preset in ("seed", None)))
"""


def test_the_published_form_has_the_parameters_that_its_layers_make():
    run = subprocess.run(
        [sys.executable, "-c", COUNT],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "numpy"},
    )
    assert run.returncode == 0, run.stderr
    assert [int(word) for word in run.stdout.split()] == [659_463, 659_463 + 4 * 1280]


def test_a_card_says_what_is_wrong_with_another_description():
    assert "4096 inputs and 2,489,095 parameters" in get_recipe("embedding-mlp").summary
    assert 4096 * 512 + 512 + 512 * 7 + 7 == 2_101_255
    assert (2_489_095 - 512 - 512 * 7 - 7) % 512, "it does fit some number of inputs"


def test_it_eats_the_embedding_that_its_settings_name():
    recipe = get_recipe("embedding-mlp")
    assert recipe.feature_of(recipe.settings()) == recipe.feature
    google = "embedding-mobilenet_v3_large"
    assert recipe.feature_of(recipe.settings(feature=google)) == google
