import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.cards import Card, Output
from core.labels import FER7, FERPLUS8
from training.errors import TrainingError
from training.evaluation.measurement import FOLDER, Measurement, metrics_key, reports, stored
from training.evaluation.predictions import Predictions
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


def card_in(*label_sets, **metrics):
    outputs = {one.name: Output(one.labels, "made up", unsure_below=0.5) for one in label_sets}
    return SimpleNamespace(outputs=outputs, metrics=metrics, data={"priors": {"fer7": [0.1] * 6 + [0.4]}})


def predictions(n=600, seed=0, **truth):
    rng = np.random.default_rng(seed)
    fer7 = rng.integers(0, 7, n)
    confidence = rng.uniform(0.3, 1.0, n)
    answered = np.where(rng.random(n) < confidence, fer7, (fer7 + 1) % 7)
    probabilities = {}
    for one in (FER7, FERPLUS8):
        rest = (1 - confidence) / (len(one) - 1)
        probabilities[one.name] = np.repeat(rest[:, None], len(one), axis=1)
        probabilities[one.name][np.arange(n), answered] = confidence
    copies = {"training": np.arange(n) < 40, "private-test": np.arange(n) % 50 == 0}
    return Predictions({"fer7": fer7} | truth, probabilities, copies)


def test_the_bar_for_90_percent_is_chosen_on_public_test_without_its_copies():
    told = predictions()
    whole = reports(card_in(FER7), told, "public-test")["public_test"]
    is_copy = told.copies["training"] | told.copies["private-test"]
    told.y_prob["fer7"][is_copy] = np.eye(7)[(told.y_true["fer7"][is_copy] + 3) % 7]  # sure, and all wrong
    assert reports(card_in(FER7), told, "public-test")["public_test"].unsure_at_90 == whole.unsure_at_90 is not None


def test_elsewhere_the_bar_is_the_one_that_the_card_has_from_there():
    of_public = {"public_test": {"unsure_at_90": 0.77}}
    report = reports(card_in(FER7, **of_public), predictions(seed=1), "private-test")["private_test"]
    assert report.unsure_at_90 == 0.77
    assert 0 < report.answered_at_90 < 1
    assert reports(card_in(FER7), predictions(), "private-test")["private_test"].unsure_at_90 is None


def test_copies_are_counted_for_each_split():
    report = reports(card_in(FER7), predictions(), "public-test")["public_test"]
    assert report.copies == {"training": 40, "private-test": 12}


def test_images_without_a_majority_are_left_out_and_counted():
    fer7 = predictions().y_true["fer7"]
    truth = np.where(np.arange(600) % 3 == 0, -1, fer7)
    made = reports(card_in(FER7, FERPLUS8), predictions(ferplus8=truth), "public-test")
    assert list(made) == ["public_test", metrics_key("public-test", "ferplus8")]
    main, votes = made.values()
    assert (main.n, main.left_out, main.label_set) == (600, 0, "fer7")
    assert (votes.n, votes.left_out, votes.label_set) == (400, 200, "ferplus8")
    assert votes.accuracy == pytest.approx(predictions().correct("fer7")[truth >= 0].mean())


def test_without_any_votes_there_is_no_report_against_them():
    made = reports(card_in(FER7, FERPLUS8), predictions(ferplus8=np.full(600, -1)), "public-test")
    assert list(made) == ["public_test"]


def test_only_label_sets_whose_priors_are_known_have_figures_with_a_flat_one():
    made = reports(card_in(FER7, FERPLUS8), predictions(ferplus8=np.arange(600) % 8), "private-test")
    assert made["private_test"].flat_accuracy != made["private_test"].accuracy
    assert made["private_test_ferplus8"].flat_accuracy is None
