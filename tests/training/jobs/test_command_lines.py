import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from core.recipes import get_recipe, recipes
from training.commands import main
from training.jobs import command_lines
from training.settings import settings_of

DATA, RUN = Path("data/some.parquet"), Path("runs/mine")


@pytest.mark.parametrize("name", recipes())
def test_a_preset_is_told_by_what_differs_in_it(name):
    recipe = get_recipe(name)
    for preset in recipe.presets:
        wanted = settings_of(recipe, preset)
        assert settings_of(recipe, None, command_lines.assignments(recipe, wanted)) == wanted
        assert command_lines.assignments(recipe, wanted, preset) == []


@given(
    epochs=st.integers(1, 10**6),
    rate=st.floats(0, 1e3, allow_nan=False),
    jitter=st.booleans(),
    balance=st.sampled_from(["none", "weights", "oversample"]),
    preset=st.sampled_from([None, "seed"]),
)
def test_a_command_says_exactly_these_settings(epochs, rate, jitter, balance, preset):
    recipe = get_recipe("cnn")
    wanted = recipe.settings(epochs=epochs, learning_rate=rate, jitter=jitter, balance=balance)
    assert settings_of(recipe, preset, command_lines.assignments(recipe, wanted, preset)) == wanted


def given_to(monkeypatch, command, *functions):
    """Run a command line with functions of `training.workflows.train` replaced; give what each received."""
    taken = {}
    for name in functions:
        monkeypatch.setattr(
            f"training.workflows.train.{name}",
            lambda *arguments, name=name, **options: taken.update({name: (arguments, options)}),
        )
    result = CliRunner().invoke(main.app, command[3:])
    assert result.exit_code == 0, result.output
    return taken


def test_the_command_line_understands_a_training(monkeypatch):
    recipe = get_recipe("quick")
    settings = recipe.settings(epochs=3)
    command = command_lines.train(
        recipe, settings, DATA, RUN, start="quick", seed=7, precision="mixed_bfloat16", minutes=2.5
    )
    assert command[:3] == [sys.executable, "-m", "training"]
    taken = given_to(monkeypatch, command, "plan_fit", "train")
    arguments, options = taken["plan_fit"]
    assert arguments == (recipe, settings, DATA, RUN)
    assert options == {"start": "quick", "seed": 7, "precision": "mixed_bfloat16", "teachers": (), "teacher_runs": ()}
    _, options = taken["train"]
    assert (options["minutes"], options["fit_only"]) == (2.5, True)


def test_the_command_line_understands_an_adoption(monkeypatch):
    taken = given_to(monkeypatch, command_lines.adopt("quick", DATA, RUN.resolve(), "theirs"), "adopt")
    recipe, data, run, out = taken["adopt"][0]
    assert (recipe.name, data, run, out.name) == ("quick", DATA, RUN, "theirs")
