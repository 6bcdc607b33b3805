"""The embedding of made-up crops, by an embedder that has learnt nothing."""

import numpy as np
import pytest

from core.cards import Card, Output, file_entry
from core.errors import ModelError
from core.features import FEATURES
from core.features.pixels import Embedder
from core.labels import FER7
from core.model_store import EMBEDDER

EMBEDDING = FEATURES["embedding"]

SCRIPT = """
from pathlib import Path
from core.recipes import get_recipe
from training.export.folders import write_extras

folder, recipe = Path(folder), get_recipe("embedder")
keras.utils.set_random_seed(0)
model = recipe.build(recipe.settings())
told["extras"] = write_extras(model, recipe.extras, folder)
last = model.layers[-1]
assert last.units == 7, last
penultimate = keras.Model(model.input, last.input)
np.save(folder / "expected.npy", penultimate.predict(np.load(folder / "pixels.npy"), verbose=0))
"""


@pytest.fixture(scope="module")
def crops():
    """Uint8 RGB (4, 48, 48, 3), in colour."""
    return np.random.default_rng(0).integers(0, 256, (4, 6, 6, 3), np.uint8).repeat(8, axis=1).repeat(8, axis=2)


@pytest.fixture(scope="module")
def models(tmp_path_factory, crops, keras_on):
    """A models folder with a card and the embedder's file alone; what Keras gives for the crops lies beside it."""
    folder = tmp_path_factory.mktemp("models") / EMBEDDER.model
    folder.mkdir()
    np.save(folder / "pixels.npy", [FEATURES["pixels"].compute(crop) for crop in crops])
    assert keras_on("tensorflow")(SCRIPT, folder=str(folder)) == {"extras": [EMBEDDER.name]}
    Card(
        EMBEDDER.model,
        EMBEDDER.model,
        "Made up.",
        FEATURES["pixels"].identity(),
        {FER7.name: Output(FER7.labels, "nobody")},
        known_answer={},
        files={EMBEDDER.name: file_entry(folder / EMBEDDER.name)},
    ).save(folder)
    return folder.parent


@pytest.fixture(autouse=True)
def _use(models, monkeypatch):
    monkeypatch.setenv("MIEN_MODELS", str(models))


def apart(given, expected):
    return np.linalg.norm(given - expected) / np.linalg.norm(expected)


def test_the_image_embedder_gives_what_the_layer_before_the_answer_gives(models, crops):
    expected = np.load(models / EMBEDDER.model / "expected.npy")
    given = np.array([EMBEDDING.compute(crop) for crop in crops])
    assert given.dtype == np.float32
    assert given.shape == (len(crops), *EMBEDDING.shape)
    assert max(map(apart, given, expected)) < 1e-2
    assert apart(given[0], given[1]) > 0.05, "it answers the same whatever it sees"


def test_a_mirror_image_has_the_same_embedding(crops):
    assert apart(EMBEDDING.compute(crops[0, :, ::-1]), EMBEDDING.compute(crops[0])) < 1e-3


def test_the_file_itself_weighs_colours_as_the_pixels_do(crops):
    embed = Embedder("own", EMBEDDER.read(), 1280)
    assert apart(embed(crops[0]), EMBEDDING.compute(crops[0])) < 1e-2
    assert apart(embed(crops[0, :, :, ::-1]), EMBEDDING.compute(crops[0])) > 2e-2


def test_another_length_is_named(crops):
    with pytest.raises(ModelError, match="own: gives 1280 numbers instead of 1000"):
        Embedder("own", EMBEDDER.read(), 1000)(crops[0])


def test_what_is_no_embedder_is_named():
    with pytest.raises(ModelError, match="broken: MediaPipe's ImageEmbedder cannot load it"):
        Embedder("broken", b"nothing that MediaPipe knows", 1280)


def test_without_the_embedder_one_sentence_says_what_to_do(crops, tmp_path, only_models):
    only_models(tmp_path)
    with pytest.raises(ModelError, match=r"embedder/embedder\.tflite is needed.*python -m training train embedder"):
        EMBEDDING.compute(crops[0])


def test_a_file_that_has_changed_is_read_anew(models, crops):
    path = models / EMBEDDER.model / EMBEDDER.name
    content = path.read_bytes()
    EMBEDDING.compute(crops[0])
    try:
        path.write_bytes(b"other")
        with pytest.raises(ModelError, match="not the file that its card names"):
            EMBEDDING.compute(crops[0])
    finally:
        path.write_bytes(content)
    EMBEDDING.compute(crops[0])
