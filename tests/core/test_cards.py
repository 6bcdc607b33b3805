import json
import shutil

import pytest

from core import model_store
from core.cards import Card
from core.errors import ModelError
from core.labels import FER7

OUTPUT = {"labels": list(FER7.labels), "label_source": ""}
BAD_NUMBERS = [float("nan"), float("inf"), -1.0, 1000, 10**400, "1.0", True, None, [1.0]]


@pytest.fixture
def model(tmp_path):
    """A copy of a model's folder, with its card alone."""
    folder = tmp_path / "quick"
    folder.mkdir()
    shutil.copy(model_store.folder_of("quick") / "card.json", folder)
    return folder


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "other"},
        {"files": {}},
        {"files": {"../../etc/passwd": {}}},
        {"files": {"/etc/passwd": {}}},
        {"files": ["model.tflite"]},
        {"outputs": {}},
        {"outputs": {"fer7": {"labels": ["sad", "happy"], "label_source": ""}}},
        {"outputs": {"fer7": 3}},
        {"outputs": {"colours": {"labels": [], "label_source": ""}}},
        {"feature": None},
        {"surprise": 1},
        {"summary": ["x"]},
        {"command": None},
        {"metrics": []},
        {"metrics": {"private_test": 0.99}},
        {"versions": "all"},
        {"data": {"priors": {"fer7": [0.5]}}},
        {"data": {"priors": {"fer7": ["a"] * 7}}},
        {"data": {"priors": 3}},
        {"data": {"name": ["a"]}},
        {"data": {"calibrated_on": 3}},
        {"metrics": {"private_test": {"dataset": {"a": 1}}}},
        {"known_answer": {"fer7": [1.0]}},
        {"known_answer": {"fer7": [True] * 7}},
        {"feature": {"name": ["pixels"], "version": 1}},
        {"files": {"model.tflite": None}},
        {"files": {"model.tflite": {"sha256": "0" * 63, "bytes": 1}}},
        {"files": {"model.tflite": {"sha256": "0" * 64, "bytes": -1}}},
        {"files": {"model.tflite": {"sha256": "0" * 64, "bytes": 1e9}}},
        {"files": {"model.tflite": {"sha256": "0" * 64, "bytes": 10**15}}},
        *({"outputs": {"fer7": OUTPUT | {"temperature": value}}} for value in BAD_NUMBERS),
        *({"outputs": {"fer7": OUTPUT | {"unsure_below": value}}} for value in BAD_NUMBERS),
        {"outputs": {"fer7": OUTPUT | {"label_source": 1}}},
    ],
    ids=lambda fields: json.dumps(fields)[:50],
)
def test_a_card_that_lies_or_does_not_fit_is_refused(model, fields):
    path = model / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    with pytest.raises(ModelError, match=r"card\.json"):
        Card.load(model)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"name": "quick"}', "\0" * 10, "[" * 50_000])
def test_a_damaged_card_is_refused(model, text):
    (model / "card.json").write_text(text)
    with pytest.raises(ModelError, match="restore or delete"):
        Card.load(model)


def test_a_huge_card_is_not_even_read(model):
    (model / "card.json").write_text(" " * 2_000_000)
    with pytest.raises(ModelError, match="too large"):
        Card.load(model)


def test_a_card_comes_back_as_it_was_saved(model):
    card, text = Card.load(model), (model / "card.json").read_text()
    card.save(model)
    assert Card.load(model) == card
    assert (model / "card.json").read_text() == text
