import json
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from core.cards import Output
from core.features import FEATURES
from core.labels import FER7, FERPLUS8
from training.commands.main import app
from training.datasets.index import Rows
from training.errors import TrainingError
from training.evaluation import analysis
from training.evaluation.analysis import analyse, analyses_of, load_analyses
from training.evaluation.measurement import Measurement
from training.evaluation.predictions import predict


class Guesser:
    """Guesses by the grey levels of the picture, in both label sets."""

    feature = FEATURES["pixels"]

    def __init__(self, sha256="abc"):
        outputs = {one.name: Output(one.labels, "made up", 1.4) for one in (FER7, FERPLUS8)}
        self.card = SimpleNamespace(
            data={},
            name="guesser",
            outputs=outputs,
            files={"model.tflite": {"sha256": sha256}},
            feature={"name": "pixels", "version": 1},
            metrics={},
        )
        self.calls = 0

    def predict(self, features):
        self.calls += 1
        logits = features.reshape(len(features), -1)[:, :56].reshape(len(features), 8, 7).mean(axis=2) / 20
        answers = {}
        for name, output in self.card.outputs.items():
            own = logits[:, : len(output.labels)]
            answers[name] = own - np.log(np.exp(own).sum(axis=1, keepdims=True))
        return answers


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """What is cached goes to the test's own folder."""
    monkeypatch.chdir(tmp_path)


def test_it_agrees_with_what_the_model_said(cartoons):
    guesser = Guesser()
    found = analyse(guesser, cartoons, "public-test")
    assert list(found) == ["fer7", "ferplus8"]
    said = predict(guesser, cartoons, "public-test")
    one = found["fer7"]
    assert np.array_equal(one.correct, said.correct("fer7"))
    assert one.report.accuracy == pytest.approx(one.correct.mean(), abs=1e-5)
    for name in ("accuracy_without_copies", "balanced_accuracy"):
        low, high = one.intervals[name]
        assert low <= getattr(one.report, name) <= high
        assert low < high
    assert one.curves.temperature == 1.4
    assert len(one.mistakes) == (~one.correct).sum()


def test_mistakes_are_named_by_their_row_in_the_file(cartoons):
    one = analyse(Guesser(), cartoons, "public-test")["fer7"]
    rows = Rows.load(cartoons)
    assert set(rows.splits[one.mistakes["row"]]) == {"public-test"}
    assert [FERPLUS8.labels[label] for label in rows.labels[one.mistakes["row"]]] == one.mistakes["label"].tolist()


def test_it_is_computed_once_and_comes_back_as_it_was(cartoons):
    guesser = Guesser()
    steps = []
    first = analyse(guesser, cartoons, "public-test", lambda done, total: steps.append((done, total)))
    assert steps == [(0, first["fer7"].report.n)]
    again = analyse(guesser, cartoons, "public-test", lambda *_: pytest.fail("computed again"))
    assert guesser.calls == 1
    for label_set, one in first.items():
        assert again[label_set].as_dict() == one.as_dict()
        assert again[label_set].curves == one.curves
    assert load_analyses(Guesser("def").card, Rows.load(cartoons).hash, "public-test") is None


def test_a_damaged_file_is_computed_again(cartoons):
    guesser = Guesser()
    analyse(guesser, cartoons, "public-test")
    (path,) = analysis.CACHE.iterdir()
    path.write_text(path.read_text()[:500])
    assert load_analyses(guesser.card, Rows.load(cartoons).hash, "public-test") is None
    assert analyse(guesser, cartoons, "public-test")["fer7"].curves


def test_training_has_no_copies_of_itself_to_leave_out(cartoons):
    one = analyse(Guesser(), cartoons, "training")["fer7"]
    assert list(one.intervals) == ["balanced_accuracy"]


def test_nobody_looks_at_single_answers_to_private_test(cartoons):
    guesser = Guesser()
    with pytest.raises(TrainingError, match="private-test"):
        analyse(guesser, cartoons, "private-test")
    assert not guesser.calls


def test_of_private_test_there_is_what_is_stored(cartoons):
    one = analyse(Guesser(), cartoons, "public-test")
    card = SimpleNamespace(
        outputs=dict.fromkeys(one),
        metrics={
            "private_test": one["fer7"].report.as_dict(),
            "private_test_ferplus8": one["ferplus8"].report.as_dict(),
        },
    )
    found = analyses_of(Measurement(card, "private-test", "d", None, 1.0, one["fer7"].correct))
    assert found["fer7"].report.accuracy == pytest.approx(one["fer7"].report.accuracy, abs=1e-5)
    assert np.array_equal(found["fer7"].correct, one["fer7"].correct)
    assert found["ferplus8"].correct is None
    assert all(each.curves is None and each.mistakes is None and not each.intervals for each in found.values())


def test_the_command_line_writes_what_the_page_draws(dataset, tmp_path):
    out = tmp_path / "curves.json"
    words = ["evaluate", "quick", "--data", str(dataset), "--curves", str(out), "--split"]
    assert CliRunner().invoke(app, [*words, "private-test"]).exit_code
    assert not out.exists()
    result = CliRunner().invoke(app, [*words, "public-test"])
    assert result.exit_code == 0, result.output
    told = json.loads(out.read_text())["fer7"]
    assert set(told) == {"report", "correct", "intervals", "curves", "answers"}
