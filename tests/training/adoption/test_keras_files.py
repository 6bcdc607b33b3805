"""Files that are refused before Keras sees them, and what its refusals become; `test_adopt.py` has those it loads."""

import json
import zipfile

import h5py
import pytest

from training.adoption.keras_files import _reason, load_foreign
from training.errors import TrainingError


def keras_file(path, config):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    return path


def h5_file(path, config):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
    return path


@pytest.mark.parametrize(("write", "name"), [(keras_file, "m.keras"), (h5_file, "m.h5")])
@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"class_name": "Lambda", "config": {"function": ["4wEAAA==", None, None]}}, "Lambda layer, which holds code"),
        ({"class_name": "TFOpLambda"}, "holds code"),
        ({"class_name": "system", "module": "os"}, "system of os, which is not Keras's own"),
        ({"class_name": "Model", "module": "keras_evil.models"}, "not Keras's own"),
    ],
)
def test_code_is_refused_before_keras_sees_it(tmp_path, write, name, layer, words):
    config = {"class_name": "Sequential", "module": "keras", "config": {"layers": [{"class_name": "Dense"}, layer]}}
    with pytest.raises(TrainingError, match=words):
        load_foreign(write(tmp_path / name, config))


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"])
def test_what_is_no_model_is_said_in_words(tmp_path, content):
    path = tmp_path / "m.h5"
    path.write_bytes(content)
    with pytest.raises(TrainingError, match="not a whole Keras model"):
        load_foreign(path)


def test_weights_alone_are_not_enough(tmp_path):
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["layers"] = [1.0]
    with pytest.raises(TrainingError, match="weights"):
        load_foreign(tmp_path / "m.weights.h5")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TrainingError, match="no such file"):
        load_foreign(tmp_path / "m.h5")


def test_the_reason_of_a_refusal_is_what_comes_after_the_configuration():
    config = {"name": "conv", "filters": 8, "regularizer": {"class_name": "L2", "config": {}}} | {
        f"key{number}": number for number in range(200)
    }
    inner = f"Error when deserializing class 'Conv2D' using config={config}.\n\nException encountered: "
    outer = f"<class 'Functional'> could not be deserialized properly. config={config}.\n\nException encountered: "
    reason = "Unrecognized keyword arguments passed to Conv2D: {'dances': True}"
    assert _reason(ValueError(outer + inner + reason)) == reason
    assert _reason(ValueError(reason)) == reason
    assert _reason(KeyError()) == "KeyError"
