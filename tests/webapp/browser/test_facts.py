"""What the engine in the browser takes over from this one."""

import json

import pytest

from core.cards import Card, Output
from core.inference import installed
from core.labels import FER7
from core.streams import tracking
from webapp.browser import facts


def test_the_file_holds_what_this_engine_has():
    assert facts.FILE.read_text() == facts.text(), "run `python -m webapp.browser.facts`, then build the bundles"


def test_names_lose_their_underscore_and_values_are_json():
    known = json.loads(facts.text())
    assert known["streams/tracking"]["CALM"] == tracking._CALM
    assert known["faces/detector"]["SHORT_RANGE"]["size"] == 128
    assert known["labels"]["fer7"]["labels"] == list(FER7.labels)


def test_a_model_is_told_with_what_it_was_taught():
    output = Output(FER7.labels, "labels", temperature=1.5, unsure_below=0.4)
    priors = {"fer7": [0.2, 0.0, 0.2, 0.2, 0.2, 0.1, 0.1]}
    files = {"model.tflite": {"sha256": "ab" * 32, "bytes": 3}}
    card = Card(
        name="small",
        recipe="quick",
        summary="",
        feature={"name": "pixels", "version": 1},
        outputs={"fer7": output},
        known_answer={},
        files=files,
        data={"priors": priors},
    )
    told = facts.of_model(card)
    assert told["outputs"]["fer7"]["temperature"] == 1.5
    assert told["outputs"]["fer7"]["unsureBelow"] == 0.4
    assert "disgust" not in told["outputs"]["fer7"]["taught"]
    assert told["priors"] == priors


@pytest.mark.parametrize("name", installed.installed())
def test_every_installed_model_can_be_told(name):
    card = installed.installed()[name]
    if "model.tflite" in card.files:
        assert json.loads(json.dumps(facts.of_model(card)))["name"] == name
