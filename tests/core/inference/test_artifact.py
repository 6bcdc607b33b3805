import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core import model_store
from core.cards import Card, file_entry
from core.errors import ModelError
from core.features import FEATURES
from core.features.pixels import PIXELS
from core.inference import installed
from core.inference.artifact import MODEL_FILE, Artifact, verify
from core.inference.litert import LiteRTRunner
from core.labels import FER7, FERPLUS8
from core.runtime import paths

ORIGINAL = model_store.folder_of(installed.default_model())


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A copy of the default model in a models folder of its own."""
    folder = tmp_path / "models" / ORIGINAL.name
    shutil.copytree(ORIGINAL, folder)
    monkeypatch.setenv("MIEN_MODELS", str(folder.parent))
    return folder


OUTPUT = {"labels": list(FER7.labels), "label_source": ""}
BAD_NUMBERS = [float("nan"), float("inf"), -1.0, 1000, 10**400, "1.0", True, None, [1.0]]


def change(folder, **fields):
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.mark.parametrize("name", installed.installed())
def test_every_installed_model_gives_its_known_answer(name):
    verify(name)


def test_answers_are_log_probabilities_in_the_order_of_the_label_set(model):
    artifact = Artifact(model)
    batch = np.stack([artifact.probe()] * 3)
    answer = artifact.predict(batch)["fer7"]
    assert answer.shape == (3, 7)
    np.testing.assert_allclose(np.exp(answer).sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(answer[0], answer[2], atol=1e-5)


def test_a_large_batch_answers_as_single_ones_do(model):
    artifact = Artifact(model)
    batch = np.random.default_rng(0).integers(0, 256, (130, 48, 48, 1), np.uint8)
    together = artifact.predict(batch)["fer7"]
    alone = np.concatenate([artifact.predict(batch[row : row + 1])["fer7"] for row in (0, 64, 129)])
    np.testing.assert_allclose(together[[0, 64, 129]], alone, atol=1e-4)


def test_a_model_whose_feature_runs_another_file_now_is_refused(model):
    feature = json.loads((model / "card.json").read_text())["feature"]
    change(model, feature=feature | {"model_files": {"embedder/embedder.tflite": "0" * 64}})
    with pytest.raises(ModelError, match="runs another model file now than when this model was trained"):
        Artifact(model)


def test_a_higher_temperature_is_less_sure(model):
    sure = Artifact(model).known_answer()["fer7"]
    card = json.loads((model / "card.json").read_text())
    card["outputs"]["fer7"]["temperature"] *= 3
    change(model, **card)
    assert max(Artifact(model).known_answer()["fer7"]) < max(sure)


def test_an_altered_file_is_refused(model):
    path = model / MODEL_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="sha256"):
        Artifact(model)


def test_a_file_of_another_size_is_not_even_read(model):
    with open(model / MODEL_FILE, "ab") as stream:
        stream.truncate(2**33)  # sparse
    with pytest.raises(ModelError, match="another size"):
        Artifact(model)


@pytest.mark.parametrize("names", [["weights.npz"], ["model.tflite", "model.skops"], ["model.pkl"]])
def test_there_is_one_model_file(model, names):
    change(model, files={name: file_entry(model / MODEL_FILE) for name in names})
    with pytest.raises(ModelError, match="model files instead of one"):
        Artifact(model)


def test_a_model_of_another_feature_is_refused(model, monkeypatch):
    """A network without a fixed size would take such pictures and answer nonsense."""
    large = replace(PIXELS, compute=lambda crop: np.zeros((64, 64, 1), np.uint8))
    monkeypatch.setitem(FEATURES, "pixels", large)
    with pytest.raises(ModelError, match=r"takes uint8 \(48, 48, 1\), but .* gives uint8 \(64, 64, 1\)"):
        Artifact(model)


def test_a_card_with_a_label_set_that_the_model_does_not_answer_is_refused(model):
    other = model_store.folder_of("embedder")
    shutil.copytree(other, model, dirs_exist_ok=True)
    outputs = json.loads((other / "card.json").read_text())["outputs"]
    eight = {"labels": list(FERPLUS8.labels), "label_source": ""}
    change(model, name=model.name, outputs=outputs | {"ferplus8": eight})
    with pytest.raises(ModelError, match="gives no answers for the 8 labels of 'ferplus8'"):
        Artifact(model)


def test_answers_that_are_no_numbers_are_refused(model, monkeypatch):
    monkeypatch.setattr(LiteRTRunner, "__call__", lambda self, batch: {"fer7": np.full((len(batch), 7), np.nan)})
    with pytest.raises(ModelError, match="no numbers"):
        Artifact(model)


def test_a_missing_file_is_named(model):
    (model / MODEL_FILE).unlink()
    with pytest.raises(ModelError, match=r"model\.tflite: missing"):
        Artifact(model)


def test_a_file_that_is_no_model_is_refused_in_words(model):
    content = b"not a model"
    (model / MODEL_FILE).write_bytes(content)
    change(model, files={MODEL_FILE: file_entry(model / MODEL_FILE)})
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
        {"summary": ["x"]},
        {"command": None},
        {"metrics": []},
        {"metrics": {"private_test": 0.99}},
        {"versions": "all"},
        {"data": {"priors": {"fer7": [0.5]}}},
        {"data": {"priors": {"fer7": ["a"] * 7}}},
        {"data": {"priors": 3}},
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
    change(model, **fields)
    with pytest.raises(ModelError, match=r"card\.json"):
        Artifact(model)
    assert model.name not in installed.installed()


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
        model_store.folder_of(name)


def test_without_any_model_the_error_says_how_to_make_one(tmp_path, only_models):
    only_models(tmp_path)
    assert installed.installed() == {}
    with pytest.raises(ModelError, match="training train quick"):
        installed.default_model()


def test_a_card_comes_back_as_it_was_saved(model, tmp_path):
    card = Card.load(model)
    copy = tmp_path / card.name
    copy.mkdir()
    card.save(copy)
    assert Card.load(copy) == card


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The four places where models are looked for, by name, all empty."""
    places = {name: tmp_path / name / "models" for name in ("named", "here", "package", "cache")}
    for place in places.values():
        place.mkdir(parents=True)
    monkeypatch.setenv("MIEN_MODELS", str(places["named"]))
    monkeypatch.chdir(places["here"].parent)
    monkeypatch.setattr(paths, "SHIPPED", places["package"])
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: places["cache"].parent)
    return places


def test_models_are_looked_for_in_four_places_and_the_first_wins(places):
    for place in places.values():
        shutil.copytree(ORIGINAL, place / ORIGINAL.name)
    for place in places.values():
        assert model_store.folder_of(ORIGINAL.name) == place / ORIGINAL.name
        assert list(installed.installed()) == [ORIGINAL.name]
        shutil.rmtree(place / ORIGINAL.name)
    assert installed.installed() == {}


def test_of_a_damaged_model_no_later_place_takes_the_name(places):
    """What `installed` lists is what `folder_of` gives; `doctor` names the damage."""
    shutil.copytree(ORIGINAL, places["package"] / ORIGINAL.name)
    (places["here"] / ORIGINAL.name).mkdir()
    (places["here"] / ORIGINAL.name / "card.json").write_text("{}")
    assert installed.installed() == {}
    assert model_store.folder_of(ORIGINAL.name) == places["here"] / ORIGINAL.name


def test_a_new_model_goes_to_the_first_place(places, monkeypatch):
    assert paths.model_folders()[0] == places["named"]
    monkeypatch.delenv("MIEN_MODELS")
    assert paths.model_folders()[0] == places["here"]
