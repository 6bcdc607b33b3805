import json

import pytest

from core.cards import Card, Output, file_entry
from core.errors import ModelError
from core.features.feature import Feature
from core.labels import FER7
from core.model_store import ModelFile

FILE = ModelFile("maker", "part.bin")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Of an installed model that leaves a part."""
    folder = tmp_path / "models" / FILE.model
    folder.mkdir(parents=True)
    (folder / FILE.name).write_bytes(b"part")
    pixels = {"name": "pixels", "version": 1}
    files = {FILE.name: file_entry(folder / FILE.name)}
    Card(FILE.model, "maker", "", pixels, {"fer7": Output(FER7.labels, "")}, {}, files).save(folder)
    monkeypatch.setenv("MIEN_MODELS", str(folder.parent))
    return folder


def rewrite(folder, content):
    """Put another file there, as a second training would."""
    (folder / FILE.name).write_bytes(content)
    path = folder / "card.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"files": {FILE.name: file_entry(folder / FILE.name)}}))


def test_it_is_the_file_that_the_card_names(folder):
    assert FILE.read() == b"part"
    assert FILE.sha256() == file_entry(folder / FILE.name)["sha256"]
    (folder / FILE.name).write_bytes(b"trap")
    with pytest.raises(ModelError, match="another sha256"):
        FILE.read()


def test_a_feature_is_another_one_with_another_file(folder):
    feature = Feature("part", 1, lambda crop: None, (1,), "float32", model_files=(FILE,))
    before, written = feature.identity(), FILE.written()
    assert before["model_files"] == {"maker/part.bin": FILE.sha256()}
    rewrite(folder, b"parts")
    assert feature.identity() != before
    assert FILE.written() != written
    assert FILE.read() == b"parts"


def test_what_is_missing_is_named_with_the_command_that_makes_it(folder):
    gone = ModelFile("maker", "other.bin")
    for call in (gone.sha256, gone.read, gone.written, ModelFile("nobody", "part.bin").sha256):
        with pytest.raises(ModelError, match=r"is needed and not installed: make it with `python -m training train"):
            call()
