import json
import shutil

import numpy as np
import pytest

from core import artifacts
from core.artifacts import Artifact
from core.cards import Card
from core.errors import ModelError


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A copy of the default model in a models folder of its own."""
    source = artifacts.folder_of(artifacts.default_model())
    folder = tmp_path / "models" / source.name
    shutil.copytree(source, folder)
    monkeypatch.setenv("MIEN_MODELS", str(folder.parent))
    return folder


def change(folder, **fields):
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.mark.parametrize("name", artifacts.installed())
def test_every_installed_model_gives_its_known_answer(name):
    artifacts.verify(name)


def test_answers_are_log_probabilities_in_the_order_of_the_label_set(model):
    artifact = Artifact(model)
    batch = np.stack([artifact.probe()] * 3)
    (answer,) = artifact.predict(batch).values()
    assert answer.shape == (3, 7)
    np.testing.assert_allclose(np.exp(answer).sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(answer[0], answer[2], atol=1e-5)


def test_a_large_batch_answers_as_single_ones_do(model):
    artifact = Artifact(model)
    batch = np.random.default_rng(0).integers(0, 256, (130, 48, 48, 1), np.uint8)
    together = artifact.predict(batch)["fer7"]
    alone = np.concatenate([artifact.predict(batch[row : row + 1])["fer7"] for row in (0, 64, 129)])
    np.testing.assert_allclose(together[[0, 64, 129]], alone, atol=1e-4)


def test_a_higher_temperature_is_less_sure(model):
    sure = Artifact(model).known_answer()["fer7"]
    card = json.loads((model / "card.json").read_text())
    card["outputs"]["fer7"]["temperature"] *= 3
    change(model, **card)
    assert max(Artifact(model).known_answer()["fer7"]) < max(sure)


def test_an_altered_file_is_refused(model):
    path = model / artifacts.MODEL_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="sha256"):
        Artifact(model)


def test_a_missing_file_is_named(model):
    (model / artifacts.MODEL_FILE).unlink()
    with pytest.raises(ModelError, match=r"model\.tflite: missing"):
        Artifact(model)


def test_a_file_that_is_no_model_is_refused_in_words(model):
    content = b"not a model"
    (model / artifacts.MODEL_FILE).write_bytes(content)
    from core.cards import file_entry

    change(model, files={artifacts.MODEL_FILE: file_entry(model / artifacts.MODEL_FILE)})
    with pytest.raises(ModelError, match="LiteRT cannot load it"):
        Artifact(model)


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
        {"feature": {"name": "smell", "version": 1}},
        {"feature": {"name": "pixels", "version": 99}},
        {"feature": None},
        {"surprise": 1},
    ],
    ids=lambda fields: json.dumps(fields)[:50],
)
def test_a_card_that_lies_or_does_not_fit_is_refused(model, fields):
    change(model, **fields)
    with pytest.raises(ModelError, match=r"card\.json"):
        Card.load(model)
    assert model.name not in artifacts.installed()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"name": "quick"}', "\0" * 10, "[" * 50_000])
def test_a_damaged_card_is_refused(model, text):
    (model / "card.json").write_text(text)
    with pytest.raises(ModelError, match="restore or delete"):
        Card.load(model)


def test_a_huge_card_is_not_even_read(model):
    (model / "card.json").write_text(" " * 2_000_000)
    with pytest.raises(ModelError, match="too large"):
        Card.load(model)


@pytest.mark.parametrize("name", ["nope", "../quick", "", ".", "/"])
def test_an_unknown_model_is_an_error_that_lists_the_known_ones(model, name):
    with pytest.raises(ModelError, match=model.name):
        artifacts.folder_of(name)


def test_without_any_model_the_error_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    assert artifacts.installed() == {}
    with pytest.raises(ModelError, match="training train quick"):
        artifacts.default_model()


def test_a_card_comes_back_as_it_was_saved(model, tmp_path):
    card = Card.load(model)
    copy = tmp_path / card.name
    copy.mkdir()
    card.save(copy)
    assert Card.load(copy) == card
