from dataclasses import dataclass, fields

import pytest

from core.recipes import FitSettings, get_recipe, recipes, setting
from training.errors import TrainingError
from training.settings import help_texts, parse_settings, settings_of


@dataclass(frozen=True)
class Example(FitSettings):
    epochs: int = setting(3, least=1)
    rate: float = 0.1
    jitter: bool = True


def test_defaults_stand_unless_changed():
    assert parse_settings(Example, []) == Example()
    assert parse_settings(Example, ["epochs=7", "rate=1e-3"]) == Example(epochs=7, rate=1e-3)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("Yes", True), ("1", True), ("false", False), ("no", False), ("0", False)]
)
def test_truth_is_written_in_several_ways(text, value):
    assert parse_settings(Example, [f"jitter={text}"]).jitter is value


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("epochs=many", "not a whole number"),
        ("epochs=1.5", "not a whole number"),
        ("jitter=maybe", "true or false"),
        ("colour=1", "epochs, batch"),
        ("epochs", "name=value"),
        ("epochs=0", "at least 1"),
        ("batch=-1", "at least 1"),
        ("votes=1.5", "at least 0 and at most 1"),
        ("votes=nan", "finite"),
        ("schedule=step", "cosine, constant"),
        ("balance=yes", "none, weights, oversample"),
    ],
)
def test_a_mistake_is_named(assignment, words):
    with pytest.raises(TrainingError, match=words):
        parse_settings(Example, [assignment])


def test_what_is_set_goes_before_the_preset_and_that_before_the_defaults():
    recipe = get_recipe("cnn")
    assert settings_of(recipe) == recipe.settings()
    seed = settings_of(recipe, "seed", ["epochs=2"])
    assert (seed.epochs, seed.learning_rate, seed.schedule, seed.jitter) == (2, 1e-4, "constant", False)


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(TrainingError, match="it has seed"):
        settings_of(get_recipe("cnn"), "nope")


@pytest.mark.parametrize("name", recipes())
def test_every_recipe_has_settings_and_presets_that_can_be_set_and_help_texts(name):
    recipe = recipes()[name]
    assert settings_of(recipe, None, [f"votes={recipe.settings().votes}"]) == recipe.settings()
    for preset in recipe.presets:
        assert settings_of(recipe, preset) != recipe.settings()
    assert {field.name for field in fields(recipe.settings)} == help_texts(recipe.settings).keys()


def test_a_class_that_changes_a_default_keeps_the_help_text():
    @dataclass(frozen=True)
    class Base:
        a: int = setting(1, help="The text of a.")
        b: int = setting(2, help="The text of b.")

    @dataclass(frozen=True)
    class Derived(Base):
        a: int = setting(3)
        b: int = setting(4, help="Another text of b.")

    assert help_texts(Derived) == {"a": "The text of a.", "b": "Another text of b."}
