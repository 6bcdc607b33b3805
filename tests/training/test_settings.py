from dataclasses import dataclass

import pytest

from core.models import recipes
from training.errors import TrainingError
from training.settings import parse_settings


@dataclass(frozen=True)
class Example:
    epochs: int = 3
    rate: float = 0.1


def test_defaults_stand_unless_changed():
    assert parse_settings(Example, []) == Example()
    assert parse_settings(Example, ["epochs=7", "rate=1e-3"]) == Example(7, 1e-3)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [("epochs=many", "not a int"), ("epochs=1.5", "not a int"), ("colour=1", "epochs, rate"), ("epochs", "name=value")],
)
def test_a_mistake_is_named(assignment, words):
    with pytest.raises(TrainingError, match=words):
        parse_settings(Example, [assignment])


@pytest.mark.parametrize("name", recipes())
def test_every_recipe_has_settings_that_can_be_set(name):
    kind = recipes()[name].settings
    assert parse_settings(kind, [f"epochs={kind().epochs}"]) == kind()
