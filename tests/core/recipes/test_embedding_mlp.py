from core.recipes import get_recipe

COUNT = """
from core.recipes import get_recipe
from training.settings import settings_of

recipe = get_recipe("embedding-mlp")
for preset in ("seed", None):
    told[preset or "default"] = recipe.build(settings_of(recipe, preset)).count_params()
"""


def test_the_published_form_has_the_parameters_that_its_layers_make(keras_on):
    assert keras_on("tensorflow")(COUNT) == {"seed": 659_463, "default": 659_463 + 4 * 1280}


def test_a_card_says_what_is_wrong_with_another_description():
    assert "4096 inputs and 2,489,095 parameters" in get_recipe("embedding-mlp").summary
    assert 4096 * 512 + 512 + 512 * 7 + 7 == 2_101_255
    assert (2_489_095 - 512 - 512 * 7 - 7) % 512, "it does fit some number of inputs"


def test_it_reads_the_embedding_that_its_settings_name():
    recipe = get_recipe("embedding-mlp")
    assert recipe.feature_of(recipe.settings()) == recipe.feature
    google = "embedding-mobilenet_v3_large"
    assert recipe.feature_of(recipe.settings(feature=google)) == google
