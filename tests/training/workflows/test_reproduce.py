import shlex
import sys
from types import SimpleNamespace

import pytest
import typer

from core.recipes import get_recipe
from training.commands.main import app
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.settings import settings_of
from training.workflows import reproduce as reproduction
from training.workflows.reproduce import PATHS, reproduce


@pytest.fixture
def shelf(monkeypatch):
    """Cards of installed models by name."""
    cards = {}
    monkeypatch.setattr(reproduction, "installed", lambda: cards)
    monkeypatch.setattr(reproduction, "folder_of", lambda name: name)
    monkeypatch.setattr(reproduction, "Card", SimpleNamespace(load=lambda name: cards[name]))
    return cards


@pytest.mark.parametrize(("name", "step"), [(name, step) for name, steps in PATHS.items() for step in steps])
def test_every_step_is_a_command_that_there_is(name, step):
    command, *arguments = shlex.split(step.format(data="d.parquet"))
    given = typer.main.get_command(app).commands[command].make_context(command, arguments).params
    if command == "train":
        assert settings_of(get_recipe(given["recipe"]), given["preset"], given["assignments"] or ())
    else:
        taken = set(given["members"])
        made = {reproduction._made_by(shlex.split(before)) for before in PATHS[name][:-1]}
        assert taken <= made


def test_the_last_step_makes_the_model():
    for name, steps in PATHS.items():
        assert f"--name {name} " in steps[-1]


def test_a_failed_step_stops_it_and_what_is_there_is_left_out(dataset, shelf):
    asked = []

    def run(command):
        assert command[:3] == [sys.executable, "-m", "training"]
        recipe = command[4]
        asked.append(recipe)
        if recipe == "mesh-svm" and asked.count(recipe) == 1:
            return 2
        made = command[command.index("--name") + 1] if "--name" in command else recipe
        given = shlex.join(["python", *command[1:]])
        shelf[made] = SimpleNamespace(command=given, data={"hash": dataset_hash(dataset)})
        return 0

    with pytest.raises(TrainingError, match="step 3 ended with exit code 2"):
        reproduce("flagship", dataset, run=run, say=lambda line: None)
    reproduce("flagship", dataset, run=run, say=lambda line: None)
    assert asked == ["embedder", "embedding-mlp", "mesh-svm", "mesh-svm", "distilled"]
    shelf["flagship"].data["hash"] = "of other images"
    reproduce("flagship", dataset, run=run, say=lambda line: None)
    assert asked[5:] == ["distilled"]


def test_a_model_without_recorded_commands_is_named(dataset):
    with pytest.raises(TrainingError, match=r"reproduce quick: .*flagship"):
        reproduce("quick", dataset)
