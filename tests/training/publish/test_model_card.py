import json
import shutil

import pytest

from core.cards import Card
from core.inference.installed import installed
from core.model_store import folder_of
from training.publish import model_card


@pytest.fixture
def folder(tmp_path):
    source = folder_of(next(iter(installed())))
    copy = tmp_path / source.name
    shutil.copytree(source, copy)
    return copy


def changed(folder, **fields):
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    model_card.write(folder)
    return (folder / model_card.FILE).read_text()


def test_of_an_own_dataset_it_has_none_of_fer2013s_words(folder):
    outputs = json.loads((folder / "card.json").read_text())["outputs"]
    outputs = {name: output | {"label_source": "my-faces labels"} for name, output in outputs.items()}
    text = changed(folder, data={"name": "my-faces.parquet"}, outputs=outputs, command="python -m training train quick")
    assert "| private-test of my-faces |" in text
    assert "the pictures of my-faces" in text
    assert not [word for word in ("FER2013", "PublicTest", "PrivateTest", "Training") if word in text]


def test_figures_on_another_dataset_than_it_was_taught_name_it(folder):
    figures = Card.load(folder).metrics["private_test"] | {"dataset": "my-faces.parquet"}
    text = changed(folder, metrics={"public_test": figures | {"dataset": "fer2013.parquet"}, "private_test": figures})
    assert "| PublicTest | private-test of my-faces |" in text


def test_an_adopted_model_was_taught_nobody_knows_what(folder):
    text = changed(folder, data={"source": {"name": "theirs.onnx"}}, metrics={})
    assert "does not say which pictures" in text
    assert "FER2013's pictures" not in text


def test_it_tells_what_a_reader_needs(folder):
    card = Card.load(folder)
    text = changed(folder)
    assert text.startswith("---\nlicense: apache-2.0\n")
    assert card.command in text
    assert card.files["model.tflite"]["sha256"] in text
    assert f"{card.metrics['private_test']['accuracy']:.1%}" in text
    assert "must not" in text
    assert "| surprise |" in text


def test_figures_of_any_version_are_told(folder):
    figures = {"n": 70, "accuracy": 0.5, "copies": {"training": 3, "public-test": 1}, "unsure_at_90": None}
    text = changed(folder, metrics={"public_test": figures, "private_test_ferplus8": figures})
    assert "| images | 70 | 70 |" in text
    assert "PrivateTest ferplus8" in text
    assert "3 images are also in training and 1 images" in text


def test_it_says_which_answer_is_the_default_and_what_the_other_would_change(folder):
    measured = Card.load(folder).metrics["private_test"]
    figures = dict(measured) | {
        "flat_accuracy": measured["accuracy"] - 0.021,
        "flat_balanced_accuracy": measured["balanced_accuracy"] + 0.034,
        "flat_ece": 0.0123,
    }
    text = changed(folder, metrics={"private_test": figures})
    assert "accuracy by -2.1 points and balanced accuracy by +3.4" in text
    assert "| with a flat prior: calibration error | 1.2% |" in text


def test_what_others_made_is_not_given_away_as_ours(folder):
    text = changed(folder, data={"source": {"name": "theirs.keras", "sha256": "0" * 64}})
    assert "license: other" in text
    assert "Apache" not in text


def test_a_model_that_was_not_measured_says_so(folder):
    assert "Not measured yet." in changed(folder, metrics={}, data={}, settings={}, versions={}, command="")


def test_it_names_origin_and_licence_of_pretrained_weights_where_they_are_known(folder):
    pretrained = {"name": "trunk.pth", "sha256": "0" * 64}
    told = f"- pretrained weights: `trunk.pth`, sha256 `{'0' * 64}`"
    assert f"{told}\n" in changed(folder, data={"pretrained": pretrained})
    known = {"origin": "the wheel trunk==1.0 of the package index", "licence": "Apache-2.0"}
    text = changed(folder, data={"pretrained": pretrained | known})
    assert f"{told}, from the wheel trunk==1.0 of the package index, licence Apache-2.0\n" in text
