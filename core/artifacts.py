"""Artifacts: model folders on disk, found, checked, and run with LiteRT."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .cards import CARD_FILE, Card
from .errors import ModelError
from .features import FEATURES
from .pool import Pool

MODEL_FILE = "model.tflite"
_PREFERRED = ("flagship", "quick")  # the default is the first of these that is installed
_BATCH = 64


def model_folders() -> list[Path]:
    """Where models are looked for: the folder that `MIEN_MODELS` names, else `models/` beside the engine."""
    named = os.environ.get("MIEN_MODELS")
    return [Path(named)] if named else [Path(__file__).resolve().parents[1] / "models"]


def installed() -> dict[str, Card]:
    """The cards of all models that can be used, the default first.

    A folder whose card is damaged is left out; `doctor` names it.
    """
    cards = {}
    for folder in (child for parent in model_folders() for child in sorted(parent.glob("*/"))):
        if (folder / CARD_FILE).exists():
            try:
                cards.setdefault(folder.name, Card.load(folder))
            except ModelError:
                continue
    order = sorted(cards, key=lambda name: (_PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED), name))
    return {name: cards[name] for name in order}


def default_model() -> str:
    """Name of the model that is used where none is named.

    Raises:
        ModelError: none is installed.
    """
    for name in installed():
        return name
    places = " or ".join(map(str, model_folders()))
    raise ModelError(f"no model is installed in {places}; train one with `python -m training train quick`")


def folder_of(name: str) -> Path:
    """The folder of an installed model.

    Raises:
        ModelError: there is none of that name.
    """
    for parent in model_folders():
        if Path(name).name == name and (parent / name / CARD_FILE).exists():
            return parent / name
    known = ", ".join(installed()) or "none"
    raise ModelError(f"no model named {name!r} is installed; installed are: {known}")


class Artifact:
    """A model folder, checked and loaded; one artifact serves any number of threads.

    Args:
        folder: That holds `card.json` and `model.tflite`.
        threads: Cores that one prediction may use.

    Raises:
        ModelError: the folder is damaged, altered, or does not fit this version.
    """

    def __init__(self, folder: Path, threads: int = 1):
        self.card = Card.load(folder)
        self.feature = FEATURES[self.card.feature["name"]]
        content = _verified(folder, self.card)
        self._runners = Pool(lambda: _runner(folder, content, threads))

    def predict(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Calibrated log-probabilities for a batch of the card's feature.

        Args:
            features: (n, ...), the dtype that the feature gives.

        Returns:
            For each label set, float32 (n, labels).
        """
        with self._runners.borrow() as run:
            batches = [run(features[start : start + _BATCH]) for start in range(0, len(features), _BATCH)]
        return {
            name: _log_softmax(np.concatenate([batch[name] for batch in batches]) / output.temperature)
            for name, output in self.card.outputs.items()
        }

    def known_answer(self) -> dict[str, list[float]]:
        """What it says of the probe, as probabilities; cards keep it so that a machine can check itself."""
        answers = self.predict(self.probe()[None])
        return {name: [round(float(value), 5) for value in np.exp(answer[0])] for name, answer in answers.items()}

    def probe(self) -> np.ndarray:
        """A made input that is the same everywhere: the feature of a fixed pattern."""
        rows, columns = np.mgrid[:48, :48]
        pattern = np.stack([rows * 5, columns * 5, (rows * columns) % 251], axis=2).astype(np.uint8)
        return self.feature.compute(pattern, None)


def verify(name: str) -> None:
    """Check that an installed model is whole and gives its known answer on this machine.

    Raises:
        ModelError: it is damaged, altered, or answers otherwise.
    """
    artifact = Artifact(folder_of(name))
    given = artifact.known_answer()
    for label_set, expected in artifact.card.known_answer.items():
        if not np.allclose(given.get(label_set, ()), expected, atol=5e-3):
            raise ModelError(f"model {name!r} does not give its known answer on this machine; reinstall LiteRT or it")


def _verified(folder: Path, card: Card) -> bytes:
    entry = card.files.get(MODEL_FILE)
    path = folder / MODEL_FILE
    if not isinstance(entry, Mapping) or not path.is_file():
        raise ModelError(f"{path}: missing; restore or delete the folder")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry.get("sha256"):
        raise ModelError(f"{path}: not the file that its card names (another sha256); restore or delete the folder")
    return content


def _runner(folder: Path, content: bytes, threads: int):
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=content, num_threads=threads)
        signature = interpreter.get_signature_runner("serving_default")
        (name,) = signature.get_input_details()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{folder / MODEL_FILE}: LiteRT cannot load it ({error})") from None
    return lambda batch: signature(**{name: batch})


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
