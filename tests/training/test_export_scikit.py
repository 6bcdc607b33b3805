"""The export of a scikit-learn pipeline; no network is at work, so it may share a process with the tests."""

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
from training.export.file import rebuild
from training.export.scikit_folder import export_scikit, write_skops

FEATURE = FEATURES["distances"]


@pytest.fixture(scope="module")
def features():
    return np.random.default_rng(0).normal(0, 1, (210, *FEATURE.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def model(features):
    return ScikitRunner(
        make_pipeline(PCA(20), SVC(decision_function_shape="ovo")).fit(features, np.arange(210) % 7), "fer7"
    )


@pytest.fixture
def card():
    outputs = {"fer7": Output(FER7.labels, "none")}
    return Card("svm", "mesh-svm", "Small.", FEATURE.identity(), outputs, known_answer={}, files={}, data={"name": "d"})


def test_the_file_is_small_and_answers_as_the_model_does(tmp_path, features, model, card):
    card = export_scikit(model, features, card, tmp_path / "svm")
    assert card.data["parity"]["largest_difference"] <= 1e-3
    assert card.data["name"] == "d"
    answers = Artifact(tmp_path / "svm").predict(features)["fer7"]
    assert (answers.argmax(axis=1) == model(features)["fer7"].argmax(axis=1)).all()
    write_skops(model.pipeline, tmp_path / "whole.skops")
    vectors = model.pipeline[-1].support_vectors_
    saved = (tmp_path / "whole.skops").stat().st_size - card.files["model.skops"]["bytes"]
    assert saved > vectors.size, "less than a byte a number"
    assert not np.array_equal(vectors, np.round(vectors * 2**18) / 2**18), "the model itself was rounded"


def test_what_is_too_coarse_is_rounded_finer(tmp_path, features, model, card, monkeypatch):
    monkeypatch.setattr("training.export.scikit_folder._FINENESSES", (0.5, 2**-17))
    card = export_scikit(model, features, card, tmp_path / "svm")
    assert card.data["parity"]["largest_difference"] <= 1e-3
    monkeypatch.setattr("training.export.scikit_folder._FINENESSES", (0.5,))
    with pytest.raises(TrainingError, match="answers otherwise"):
        export_scikit(model, features, card, tmp_path / "coarse")


def test_what_answers_otherwise_is_not_written(tmp_path, features, model, card, monkeypatch):
    other = make_pipeline(PCA(3), SVC(decision_function_shape="ovo")).fit(features, np.arange(210) % 7)
    monkeypatch.setattr("training.export.scikit_folder._rounded", lambda pipeline, fineness: other)
    with pytest.raises(TrainingError, match="answers otherwise"):
        export_scikit(model, features, card, tmp_path / "svm")
    assert list(tmp_path.iterdir()) == []


def test_what_only_networks_have_is_refused(tmp_path, features, model, card):
    with pytest.raises(TrainingError, match="--quantize int8: is for networks"):
        export_scikit(model, features, card, tmp_path / "svm", "int8")
    export_scikit(model, features, card, tmp_path / "svm")
    with pytest.raises(TrainingError, match="is no network"):
        rebuild(tmp_path / "svm")
