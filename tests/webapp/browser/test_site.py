"""The folder of files that a page serves for reading in the browser."""

import json
import time

import numpy as np
import pytest

from core.cards import Card
from core.errors import AssetError
from core.inference.artifact import MODEL_FILE
from core.inference.litert import LiteRTRunner
from core.model_store import folder_of
from webapp.browser import site


@pytest.mark.needs("detector", "litert")
def test_all_that_is_listed_is_there_and_nothing_is_written_twice(tmp_path):
    site.write(tmp_path)
    listed = json.loads((tmp_path / site.FILES).read_text())
    named = {listed["script"], listed["wasm"], listed["detector"], *(model["network"] for model in listed["models"])}
    assert named <= set(listed["all"]) <= {path.name for path in tmp_path.iterdir()}
    assert [model["card"]["name"] for model in listed["models"]] == list(site.MODELS)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    time.sleep(0.01)
    site.write(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.needs("detector", "litert")
def test_the_version_changes_with_the_models(tmp_path):
    versions = set()
    for models in (site.MODELS, site.MODELS[:1]):
        site.write(tmp_path, models)
        versions.add(json.loads((tmp_path / site.FILES).read_text())["version"])
    assert len(versions) == 2


@pytest.mark.needs("detector")
def test_without_the_runtime_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no npm, which may know another way out than the guarded one
    with pytest.raises(AssetError, match="browser runtime"):
        site.write(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_batch_of_one_changes_no_answer():
    path = folder_of("flagship-tiny") / MODEL_FILE
    content = path.read_bytes()
    one = site.with_batch_of_one(content)
    assert len(one) == len(content)
    assert one != content
    picture = np.random.default_rng(0).integers(0, 256, (1, 48, 48, 1)).astype(np.uint8)
    before, after = (LiteRTRunner(path, each, 1)(picture) for each in (content, one))
    for name in before:
        np.testing.assert_array_equal(before[name], after[name])


def test_only_networks_of_the_grey_crop_fit_and_the_fast_one_is_first():
    names = site.models()
    assert names[0] == site.MODELS[0]
    assert {Card.load(folder_of(name)).feature["name"] for name in names} == {"pixels"}
