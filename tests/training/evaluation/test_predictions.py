from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.cards import Output
from core.features import FEATURES
from core.labels import FER7, FERPLUS8
from training.datasets.sample import VOTE_COLUMNS
from training.evaluation.predictions import kept_path, majority, predict, publish, read_published


class Oracle:
    """Sees the bright bar that the made-up faces have at their class's height."""

    feature = FEATURES["pixels"]

    def __init__(self, sha256="abc", temperature=1.0, label_sets=(FER7,)):
        outputs = {one.name: Output(one.labels, "made up", temperature) for one in label_sets}
        self.card = SimpleNamespace(
            outputs=outputs, files={"model.tflite": {"sha256": sha256}}, feature={"name": "pixels", "version": 1}
        )
        self.calls = 0

    def predict(self, features):
        self.calls += 1
        bars = [features[:, 4 + 6 * label : 8 + 6 * label, 8:40, 0].mean(axis=(1, 2)) for label in range(7)]
        logits = np.stack(bars, axis=1) / 20
        answers = {}
        for name, output in self.card.outputs.items():
            padded = np.pad(logits, ((0, 0), (0, len(output.labels) - 7)), constant_values=-9)
            answers[name] = padded - np.log(np.exp(padded).sum(axis=1, keepdims=True))
        return answers


def test_what_was_said_once_is_not_computed_again(dataset, tmp_path):
    oracle = Oracle()
    first = predict(oracle, dataset, "public-test", tmp_path)
    again = predict(oracle, dataset, "public-test", tmp_path)
    assert oracle.calls == 1
    assert np.array_equal(first.y_prob["fer7"], again.y_prob["fer7"])
    assert first.correct("fer7").all()
    assert first.y_prob["fer7"].sum(axis=1) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("other", [{"sha256": "def"}, {"temperature": 2.0}])
def test_another_model_or_calibration_is_asked_itself(dataset, tmp_path, other):
    predict(Oracle(), dataset, "public-test", tmp_path)
    oracle = Oracle(**other)
    predict(oracle, dataset, "public-test", tmp_path)
    assert oracle.calls == 1


def test_splits_are_kept_apart_and_a_damaged_file_is_made_anew(dataset, tmp_path):
    oracle = Oracle()
    predict(oracle, dataset, "public-test", tmp_path)
    predict(oracle, dataset, "training", tmp_path)
    assert oracle.calls == 2
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    assert predict(oracle, dataset, "public-test", tmp_path).correct("fer7").all()
    assert oracle.calls == 3


def test_a_face_that_is_not_seen_is_nan_and_wrong(dataset, tmp_path):
    oracle = Oracle()
    seen = iter([False, True] * 1000)
    see = FEATURES["pixels"].compute
    oracle.feature = replace(oracle.feature, compute=lambda crop: see(crop) if next(seen) else None)
    predictions = predict(oracle, dataset, "public-test", tmp_path)
    missing = np.isnan(predictions.y_prob["fer7"]).all(axis=1)
    assert 0 < missing.sum() < len(missing)
    assert np.array_equal(predictions.correct("fer7"), ~missing)


def test_images_without_votes_have_no_truth_in_ferplus(dataset, tmp_path):
    predictions = predict(Oracle(label_sets=(FER7, FERPLUS8)), dataset, "public-test", tmp_path)
    assert (predictions.y_true["ferplus8"] == -1).all()
    assert not predictions.correct("ferplus8").any()


def votes(**counts):
    return [counts.get(name.replace("-", "_"), 0) for name in VOTE_COLUMNS]


def test_more_than_half_must_agree_once_single_votes_are_dropped():
    rows = np.array(
        [
            votes(happy=6, sad=4),
            votes(happy=5, sad=5),
            votes(contempt=4, sad=3, happy=1, fear=1, angry=1),  # 4 of the 7 that are not alone
            votes(happy=4, sad=4, fear=2),
        ],
        np.uint8,
    )
    assert majority(rows).tolist() == [FERPLUS8.index("happy"), -1, FERPLUS8.index("contempt"), -1]


def test_what_is_unknown_or_no_face_or_has_no_votes_has_no_label():
    rows = np.array([votes(unknown=9, sad=1), votes(not_a_face=10), votes()], np.uint8)
    assert majority(rows).tolist() == [-1, -1, -1]


def test_published_answers_keep_every_label_and_belong_to_one_model(dataset, tmp_path):
    oracle = Oracle()
    oracle.card.name = "oracle"
    said = predict(oracle, dataset, "public-test", tmp_path).y_prob["fer7"]
    nearly_equal = np.full((2, 7), 1 / 7, np.float32) + np.float32(1e-6) * np.eye(7, dtype=np.float32)[[5, 2]]
    unseen = np.full((1, 7), np.nan, np.float32)
    given = np.concatenate([said, nearly_equal, unseen])
    publish(oracle.card, "hash", "public-test", {"fer7": given}, tmp_path)
    made_by = kept_path(oracle.card, "hash", "public-test").stem
    found = read_published(oracle.card, made_by, tmp_path)["fer7"]
    assert np.array_equal(np.isnan(found), np.isnan(given))
    assert np.array_equal(np.nan_to_num(found).argmax(axis=1), np.nan_to_num(given).argmax(axis=1))
    assert found[:-1] == pytest.approx(given[:-1], abs=1e-3)
    other = Oracle("def")
    other.card.name = "oracle"
    assert read_published(other.card, kept_path(other.card, "hash", "public-test").stem, tmp_path) is None
    assert read_published(oracle.card, kept_path(oracle.card, "else", "public-test").stem, tmp_path) is None
