import dataclasses

import pytest

from core.features import FEATURES
from core.labels import LABEL_SETS
from core.recipes import UnknownRecipeError, get_recipe, recipes, register


@pytest.mark.parametrize("name", recipes())
def test_every_recipe_is_whole(name):
    recipe = get_recipe(name)
    assert recipe.name == name
    assert recipe.feature in FEATURES
    assert set(recipe.label_sets) <= set(LABEL_SETS)
    assert dataclasses.is_dataclass(recipe.settings)
    assert recipe.settings() == recipe.settings()


def test_a_name_is_given_once():
    recipe = get_recipe("quick")
    with pytest.raises(ValueError, match="registered already"):
        register(dataclasses.replace(recipe, summary="another one"))


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(UnknownRecipeError, match="quick"):
        get_recipe("nope")
