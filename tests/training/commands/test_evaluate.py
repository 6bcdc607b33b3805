import json

import pytest

from core.inference.installed import default_model
from core.model_store import folder_of
from training.errors import TrainingError
from training.evaluation import robustness as module
from training.evaluation import subtle
from training.evaluation.robustness import Robustness
from training.evaluation.subtle import Subtle, SubtleFigures


@pytest.fixture
def measured(monkeypatch):
    """Which models were measured; each is as good as any other."""
    folders = []

    def measure(folder, data, split, *, images, seed, each):
        folders.append(folder)
        values = {"mask": [0.5] * 5}
        return Robustness(f"model-{len(folders)}", "a", "pixels", split, "d", images, seed, 0.6, values, values)

    monkeypatch.setattr(module, "robustness", measure)
    return folders


def test_several_models_are_measured_and_written_one_by_one(run_command, measured, tmp_path):
    text = run_command("robustness", default_model(), default_model(), "--data", "d.parquet", "--out", tmp_path / "new")
    assert measured == [folder_of(default_model())] * 2
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["model-1.json", "model-2.json"]
    assert text.index("model-1") < text.index("model-2")


def test_one_model_as_json(run_command, measured):
    told = json.loads(
        run_command("robustness", default_model(), "--data", "d.parquet", "--images", 10, "--format", "json")
    )
    assert (told["n"], told["mean"]) == (10, 0.5)


def test_figures_of_subtle_expressions_are_printed_and_kept(run_command, monkeypatch, tmp_path):
    one = SubtleFigures("one", "a", "d", {"fer7": Subtle(3, 5, 0.5, 0.25, 0.8, None, None)})
    monkeypatch.setattr(subtle, "measure_subtle", lambda artifact, data: one)
    told = run_command("subtle", default_model(), "--data", "d.parquet", "--out", tmp_path / "new")
    assert "50.0%" in told
    assert subtle.stored(tmp_path / "new") == [one]


def test_the_chart_of_a_folder(run_command, measured, tmp_path):
    run_command("robustness", default_model(), default_model(), "--data", "d.parquet", "--out", tmp_path)
    assert "2 model(s)" in run_command("robustness-chart", tmp_path, "--out", tmp_path / "chart.svg")
    assert "<!-- model-2 -->" in (tmp_path / "chart.svg").read_text()


@pytest.mark.parametrize(("name", "told"), [("chart.png", "must end in .svg"), ("chart.svg", "no figures in it")])
def test_what_cannot_be_drawn_is_refused_in_a_sentence(run_command, tmp_path, name, told):
    with pytest.raises(TrainingError, match=told):
        run_command("robustness-chart", tmp_path, "--out", tmp_path / name)
