import json
from pathlib import Path

import numpy as np
import pytest

from core.cards import Card, Output
from core.labels import FER7
from training.errors import TrainingError
from training.evaluation.measurement import FOLDER, Measurement, stored
from training.evaluation.report import make_report

ROOT = Path(__file__).resolve().parents[3]


def measurement(name="m", n=35, split="private-test", seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 7, n)
    probabilities = rng.dirichlet(np.ones(7), n)
    report = make_report(split, FER7.labels, truth, probabilities, {"training": rng.random(n) < 0.1})
    card = Card(
        name=name,
        recipe="quick",
        summary="A model.",
        feature={"name": "pixels", "version": 1},
        outputs={"fer7": Output(FER7.labels, "made up")},
        known_answer={},
        files={"model.tflite": {"sha256": "abc" * 20, "bytes": 2_500_000}},
        metrics={"private_test": report.as_dict()},
        command="python -m training train quick",
    )
    return Measurement(card, split, "d" * 32, 1234, 1.5, probabilities.argmax(axis=1) == truth)


def test_it_comes_back_from_disk_as_it_was(tmp_path):
    one = measurement()
    (again,) = stored(one.save(tmp_path).parent)
    assert again.report == one.report
    assert np.array_equal(again.correct, one.correct)
    assert again.correct.mean() == pytest.approx(again.report.accuracy, abs=1e-5)
    assert again.card.outputs == one.card.outputs
    assert (again.dataset, again.parameters, again.milliseconds) == (one.dataset, 1234, 1.5)
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("correct", "%%%"),
        ("correct", None),
        ("split", "public-test"),
        ("milliseconds", float("nan")),
        ("card", {"name": "m"}),
        ("card", [[]]),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, name, value):
    path = measurement().save(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(TrainingError, match=r"m\.json"):
        Measurement.load(path)


@pytest.mark.parametrize("content", [b"", b'{"card": {', b"[" * 100_000, bytes(range(256))])
def test_what_is_no_json_is_refused(tmp_path, content):
    (tmp_path / "m.json").write_bytes(content)
    with pytest.raises(TrainingError, match=r"m\.json"):
        stored(tmp_path)


def test_the_stored_measurements_are_written_as_they_are_read(tmp_path):
    for path in (ROOT / FOLDER).glob("*.json"):
        assert Measurement.load(path).save(tmp_path).read_bytes() == path.read_bytes()
