import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from core.cards import Card, Output
from core.features import FEATURES
from core.inference.artifact import Artifact
from core.inference.scikit import ScikitRunner
from core.labels import FER7
from training.errors import TrainingError
from training.export import export_scikit
from training.export.file import rebuild
from training.export.folders import _keep_weights, write_skops


@pytest.mark.parametrize(("weights", "apart"), [("float16", 2e-3), ("int8", 3e-2)])
def test_a_model_folder_answers_as_the_model_does(exported, weights, apart):
    folder, told = exported
    card = Card.load(folder / weights / "tiny")
    assert told[weights]["apart"] < apart
    assert told[weights]["known"]
    assert told[weights]["rebuilt"] < 1e-2
    assert set(card.files) == {"model.tflite", "weights.npz"}
    assert card.data["weights"] == weights
    assert card.data["parameters"] == 9 * 8 + 2 * 8 + 12 * 12 * 8 * 7 + 7
    assert card.data["parity"]["examples"] == 64
    assert "# tiny" in (folder / weights / "tiny" / "README.md").read_text()


def test_int8_is_smaller(exported):
    _, told = exported
    assert told["int8"]["bytes"] < 0.8 * told["float16"]["bytes"]


def test_a_folder_that_answers_otherwise_is_not_written(exported):
    folder, told = exported
    assert "answers otherwise" in told["broken"]
    assert list((folder / "broken").iterdir()) == []
    assert "--quantize int4" in told["bad numbers"]


def test_weights_are_left_out_if_asked(exported):
    assert set(Card.load(exported[0] / "small" / "tiny").files) == {"model.tflite"}


@pytest.mark.parametrize(("room", "stored"), [(1000, True), (999, False)])
def test_weights_that_would_make_the_folder_too_large_are_left_out(tmp_path, monkeypatch, room, stored):
    monkeypatch.setattr("training.export.folders.save_weights", lambda model, path: path.write_bytes(bytes(1000)))
    assert _keep_weights(None, tmp_path / "weights.npz", room) == stored
    assert (tmp_path / "weights.npz").exists() == stored


FEATURE = FEATURES["distances"]


@pytest.fixture(scope="module")
def distances():
    return np.random.default_rng(0).normal(0, 1, (210, *FEATURE.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def model(distances):
    return ScikitRunner(
        make_pipeline(PCA(20), SVC(decision_function_shape="ovo")).fit(distances, np.arange(210) % 7), "fer7"
    )


@pytest.fixture
def card():
    outputs = {"fer7": Output(FER7.labels, "none")}
    return Card("svm", "mesh-svm", "Small.", FEATURE.identity(), outputs, known_answer={}, files={}, data={"name": "d"})


def test_the_file_is_small_and_answers_as_the_model_does(tmp_path, distances, model, card):
    card = export_scikit(model, distances, card, tmp_path / "svm")
    assert card.data["parity"]["largest_difference"] <= 1e-3
    assert card.data["name"] == "d"
    answers = Artifact(tmp_path / "svm").predict(distances)["fer7"]
    assert (answers.argmax(axis=1) == model(distances)["fer7"].argmax(axis=1)).all()
    write_skops(model.pipeline, tmp_path / "whole.skops")
    vectors = model.pipeline[-1].support_vectors_
    saved = (tmp_path / "whole.skops").stat().st_size - card.files["model.skops"]["bytes"]
    assert saved > vectors.size, "less than a byte a number"
    assert not np.array_equal(vectors, np.round(vectors * 2**18) / 2**18), "the model itself was rounded"


def test_what_is_too_coarse_is_rounded_finer(tmp_path, distances, model, card, monkeypatch):
    monkeypatch.setattr("training.export.folders._FINENESSES", (0.5, 2**-17))
    card = export_scikit(model, distances, card, tmp_path / "svm")
    assert card.data["parity"]["largest_difference"] <= 1e-3
    monkeypatch.setattr("training.export.folders._FINENESSES", (0.5,))
    with pytest.raises(TrainingError, match="answers otherwise"):
        export_scikit(model, distances, card, tmp_path / "coarse")


def test_what_answers_otherwise_is_not_written(tmp_path, distances, model, card, monkeypatch):
    other = make_pipeline(PCA(3), SVC(decision_function_shape="ovo")).fit(distances, np.arange(210) % 7)
    monkeypatch.setattr("training.export.folders._rounded", lambda pipeline, fineness: other)
    with pytest.raises(TrainingError, match="answers otherwise"):
        export_scikit(model, distances, card, tmp_path / "svm")
    assert list(tmp_path.iterdir()) == []


def test_what_only_networks_have_is_refused(tmp_path, distances, model, card):
    with pytest.raises(TrainingError, match="--quantize int8"):
        export_scikit(model, distances, card, tmp_path / "svm", "int8")
    export_scikit(model, distances, card, tmp_path / "svm")
    with pytest.raises(TrainingError, match="is no network"):
        rebuild(tmp_path / "svm")
