import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core import model_store
from core.cards import file_entry
from core.errors import ModelError
from core.features import FEATURES
from core.features.pixels import PIXELS
from core.inference import installed
from core.inference.artifact import MODEL_FILE, Artifact, verify
from core.inference.litert import LiteRTRunner
from core.labels import FERPLUS8

ORIGINAL = model_store.folder_of(installed.default_model())


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A copy of the default model in a models folder of its own."""
    folder = tmp_path / "models" / ORIGINAL.name
    shutil.copytree(ORIGINAL, folder)
    monkeypatch.setenv("MIEN_MODELS", str(folder.parent))
    return folder


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


@pytest.mark.parametrize("feature", [{"name": "smell", "version": 1}, {"name": "pixels", "version": 99}])
def test_a_model_of_a_feature_that_this_version_lacks_is_refused(model, feature):
    change(model, feature=feature)
    with pytest.raises(ModelError, match=r"card\.json"):
        Artifact(model)
    assert model.name not in installed.installed()


def test_litert_says_what_it_takes():
    picture = np.zeros((48, 48, 1), np.uint8)
    folder = model_store.folder_of("embedder")
    run = LiteRTRunner(folder, (folder / "model.tflite").read_bytes(), 1)
    assert run.takes == "uint8 (48, 48, 1)"
    assert run.fits(picture)
    assert not run.fits(picture.astype(np.float32))
    assert not run.fits(picture[:, :, 0])
    assert run.answers == {"fer7": 7}
