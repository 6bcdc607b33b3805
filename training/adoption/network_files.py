"""ONNX and TFLite files from elsewhere: told apart from others by what is in them, and tried out."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.inference.adopted import NETWORKS, AdoptedRunner, Adoption
from core.inference.pictures import PictureForm
from training.adoption.trials import are_probabilities, noise
from training.errors import TrainingError

KERAS = ".keras"
"""What `kind_of` calls all files of Keras, .h5 and .hdf5 too."""

_READ = "give a .keras, .h5, .onnx or .tflite file"


def kind_of(path: Path) -> str:
    """Tell what kind of file a model is in: `KERAS`, or a key of `NETWORKS`.

    Raises:
        TrainingError: There is no such file, or models are not read from files of its kind.
    """
    if path.is_dir():
        saved = (path / "saved_model.pb").is_file()
        what = "a SavedModel of TensorFlow: export it to TFLite or ONNX" if saved else f"a folder; {_READ}"
        raise TrainingError(f"{path}: is {what}")
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; {_READ}")
    with open(path, "rb") as file:
        head = file.read(8)
    if head[4:8] == b"TFL3":
        return ".tflite"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.endswith("data.pkl") for name in archive.namelist()):
                raise TrainingError(
                    f"{path}: is a file of PyTorch, which can hold code; write an .onnx file with torch.onnx.export "
                    "and adopt that"
                )
        return KERAS
    suffix = path.suffix.lower()
    if head == b"\x89HDF\r\n\x1a\n" or suffix in (KERAS, ".h5", ".hdf5"):
        return KERAS
    if suffix in NETWORKS:
        return suffix
    raise TrainingError(f"{path}: no kind of model that can be adopted; {_READ}")


def load_network(path: Path, kind: str, form: PictureForm, labels: Sequence[str]) -> tuple[AdoptedRunner, Adoption]:
    """Open a network from elsewhere, and find out by trials whether it answers with probabilities.

    Args:
        path: File of the network.
        kind: A key of `NETWORKS`.
        form: The pictures that it takes.
        labels: Labels of its answers, in their order; `IGNORED` for an answer to leave out.

    Returns:
        What runs it, and what a model folder says of it, in which its file is called `network` with the suffix `kind`.

    Raises:
        ModelError: The file is no valid one of its kind, what runs it is not installed, or it takes other pictures or
            gives another number of answers.
        TrainingError: Its answers are neither probabilities nor logits.
    """
    content = path.read_bytes()
    network = NETWORKS[kind](path, content, 1)
    adoption = Adoption(f"network{kind}", hashlib.sha256(content).hexdigest(), form, tuple(labels), probabilities=False)
    crops = (255 * noise((48, 48, 1))).astype(np.uint8)
    answers = AdoptedRunner(path, network, adoption).plain_answers(crops)
    adoption = replace(adoption, probabilities=are_probabilities(answers, path))
    return AdoptedRunner(path, network, adoption), adoption
