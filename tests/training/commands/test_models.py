import json
import shutil

import pytest
from typer.testing import CliRunner

from core.inference.installed import default_model
from core.model_store import folder_of
from training.commands import models as commands
from training.commands.main import app
from training.errors import TrainingError
from training.publish import model_card


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A copy of the default model, alone in a models folder, without the weights it may keep."""
    source = folder_of(default_model())
    folder = tmp_path / "models" / source.name
    shutil.copytree(source, folder)
    path = folder / "card.json"
    card = json.loads(path.read_text())
    card["files"].pop("weights.npz", None)
    path.write_text(json.dumps(card))
    monkeypatch.setenv("MIEN_MODELS", str(folder.parent))
    monkeypatch.chdir(tmp_path)
    return folder


def test_models_lists_them(model):
    run = CliRunner().invoke(app, ["models"])
    assert run.exit_code == 0
    assert f"| `{model.name}` |" in run.stdout


def test_models_lists_the_named_ones_alone(model):
    other = model.with_name("other")
    shutil.copytree(model, other)
    card = json.loads((other / "card.json").read_text()) | {"name": "other"}
    (other / "card.json").write_text(json.dumps(card))
    told = CliRunner().invoke(app, ["models", "other"]).stdout
    assert "| `other` |" in told
    assert f"| `{model.name}` |" not in told
    assert "no model named 'none'" in str(CliRunner().invoke(app, ["models", "none"]).exception)


def test_models_sets_the_default(model):
    assert CliRunner().invoke(app, ["models", "--default", model.name]).exit_code == 0
    assert (model.parent / "default.txt").read_text() == f"{model.name}\n"
    assert "no model named 'none'" in str(CliRunner().invoke(app, ["models", "--default", "none"]).exception)


def test_models_as_json(model):
    run = CliRunner().invoke(app, ["models", "--json"])
    assert json.loads(run.stdout)[model.name]["feature"]["name"] == "pixels"


def test_models_writes_the_table_into_a_file(model, tmp_path):
    path = tmp_path / "README.md"
    path.write_text("before\n<!-- models:start -->\nold\n<!-- models:end -->\nafter\n")
    commands.models(write=path)
    assert "old" not in path.read_text()
    assert model.name in path.read_text()


def test_models_renews_the_model_cards(model):
    (model / model_card.FILE).write_text("old")
    commands.models(cards=True)
    assert f"# {model.name}" in (model / model_card.FILE).read_text()


@pytest.mark.parametrize(
    ("kind", "out", "words"),
    [("jpeg", "m.jpg", "unknown"), ("keras", "m.onnx", "ends in .keras")],
)
def test_an_export_that_cannot_be_is_one_sentence(model, tmp_path, kind, out, words):
    with pytest.raises(TrainingError, match=words):
        commands.export(model.name, tmp_path / out, kind)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models"]
