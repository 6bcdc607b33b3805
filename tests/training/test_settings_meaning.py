from dataclasses import dataclass, fields

import pytest

from core.recipes import get_recipe, recipes
from training.settings import meanings


@dataclass(frozen=True)
class Base:
    """Not a field's."""

    a: int = 1
    """What a is."""
    b: int = 2
    c: int = 3
    """What c was."""


@dataclass(frozen=True)
class Derived(Base):
    c: int = 4
    """What c is."""
    a: int = 5

    def method(self):
        """Not a field's either."""


def test_each_field_has_the_line_below_it():
    assert meanings(Base) == {"a": "What a is.", "c": "What c was."}


def test_a_class_says_anew_what_it_changes():
    assert meanings(Derived) == {"a": "What a is.", "c": "What c is."}


@pytest.mark.parametrize("name", recipes())
def test_every_setting_of_every_recipe_has_its_meaning(name):
    settings = get_recipe(name).settings
    assert {field.name for field in fields(settings)} == meanings(settings).keys()
