import shutil
import sys

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from core import model_store
from core.cards import Card, file_entry
from core.errors import ModelError
from core.inference.artifact import RUNNERS, Artifact
from core.inference.scikit import couple

FEATURES = np.random.default_rng(0).integers(0, 256, (140, 48, 48, 1)).astype(np.uint8)
LABELS = np.arange(140) % 7


def fitted(*steps, labels=LABELS, features=FEATURES):
    return make_pipeline(*steps).fit(features.reshape(len(features), -1), labels)


@pytest.fixture(scope="module")
def pipeline():
    return fitted(StandardScaler(), LogisticRegression(max_iter=3))


@pytest.fixture
def install(tmp_path):
    """Make a model folder around a pipeline, or around any bytes, and hand back its path."""

    def make(content, **fields):
        source = model_store.folder_of("embedder")
        folder = tmp_path / source.name
        shutil.copytree(source, folder)
        (folder / "model.tflite").unlink()
        path = folder / "model.skops"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            skops.io.dump(content, path)
        card = Card.load(folder)
        Card(**vars(card) | {"files": {path.name: file_entry(path)}, "known_answer": {}} | fields).save(folder)
        return folder

    return make


@pytest.mark.filterwarnings("ignore")
def test_a_pipeline_answers_as_scikit_learn_does(install, pipeline):
    folder = install(pipeline)
    artifact = Artifact(folder)
    answers = artifact.predict(FEATURES)["fer7"]
    expected = pipeline.predict_proba(FEATURES.reshape(len(FEATURES), -1)) ** (
        1 / artifact.card.outputs["fer7"].temperature
    )
    np.testing.assert_allclose(np.exp(answers), expected / expected.sum(axis=1, keepdims=True), atol=1e-4)


@pytest.mark.filterwarnings("ignore")
def test_a_calibrated_pipeline_is_trusted(install):
    folder = install(fitted(CalibratedClassifierCV(LogisticRegression(max_iter=2), ensemble=False)))
    assert Artifact(folder).predict(FEATURES[:2])["fer7"].shape == (2, 7)


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.filterwarnings("ignore")
def test_every_runner_says_what_it_takes(install, pipeline, threads):
    run = RUNNERS["model.skops"](install(pipeline), skops.io.dumps(pipeline), {"fer7": 7}, threads)()
    assert run.fits(FEATURES[0])
    assert not run.fits(FEATURES[0, 1:])
    assert run.answers == {"fer7": 7}
    assert "2304" in run.takes


def shout(x):
    raise AssertionError("a function out of a file was run")


@pytest.mark.filterwarnings("ignore")
def test_nothing_that_is_not_trusted_is_loaded(install):
    steps = fitted(FunctionTransformer(), LogisticRegression(max_iter=2))
    steps.steps[0][1].func = shout
    with pytest.raises(ModelError, match=r"shout, which is not loaded"):
        Artifact(install(steps))


def test_trees_are_not_trusted(install):
    with pytest.raises(ModelError, match=r"_tree\.Tree"):
        Artifact(install(fitted(RandomForestClassifier(2))))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"no zip at all", "skops cannot load it"),
        (lambda: fitted(LogisticRegression(max_iter=2), labels=LABELS[::-1] + 1), "its classes are not 0 to 6"),
        (lambda: fitted(LogisticRegression(max_iter=2), labels=LABELS % 5), "its classes are not 0 to 6"),
        (lambda: fitted(LogisticRegression(max_iter=2), features=FEATURES[:, :40]), "takes 1920 numbers"),
        (lambda: fitted(StandardScaler()), "not a fitted"),
        (lambda: LogisticRegression(), "not a fitted"),
        (lambda: {"classes_": 3}, "not a fitted"),
    ],
)
def test_what_is_no_fitting_pipeline_is_said_in_words(install, content, words):
    with pytest.raises(ModelError, match=words):
        Artifact(install(content()))


@pytest.mark.filterwarnings("ignore")
def test_an_altered_pipeline_is_refused(install, pipeline):
    folder = install(pipeline)
    path = folder / "model.skops"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="sha256"):
        Artifact(folder)


@pytest.mark.filterwarnings("ignore")
def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(install, pipeline, monkeypatch):
    monkeypatch.setattr("core.inference.scikit._LARGEST", 1000)
    with pytest.raises(ModelError, match="when unpacked"):
        Artifact(install(pipeline))


def test_without_skops_one_sentence_says_what_to_install(install, pipeline, monkeypatch):
    folder = install(pipeline)
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(ModelError, match=r"model\.skops: needs scikit-learn and skops, run `pip install"):
        Artifact(folder)


FIRST, SECOND = np.triu_indices(7, 1)  # the classes of each margin


def margins_of(probabilities):
    return np.log(probabilities[:, FIRST] / probabilities[:, SECOND]) / 2


def test_margins_that_agree_with_each_other_give_the_probabilities_they_were_made_of():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(7), 50)
    np.testing.assert_allclose(couple(margins_of(probabilities), 7), probabilities, atol=1e-8)


@given(arrays(float, (3, 21), elements=st.floats(-30, 30)))
def test_whatever_the_margins_are_these_are_probabilities(margins):
    probabilities = couple(margins, 7)
    assert (probabilities > -1e-9).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_a_class_that_wins_against_all_is_the_likeliest():
    margins = np.random.default_rng(0).normal(0, 0.1, (20, 21))
    margins[:, SECOND == 3], margins[:, FIRST == 3] = -1, 1
    assert (couple(margins, 7).argmax(axis=1) == 3).all()


def test_decision_values_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="21 pairs"):
        couple(np.zeros((2, 7)), 7)
