"""Artifact: a model folder, checked, loaded and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ..cards import CARD_FILE, Card
from ..errors import ModelError
from ..features import FEATURES, Feature
from ..model_store import folder_of, read_verified
from ..runtime.pool import Pool
from . import Runner
from .adopted import ADOPTION_FILE, Adoption, open_adopted
from .ensemble import ENSEMBLE_FILE, open_ensemble, read_members
from .litert import open_litert
from .scikit import open_scikit

MODEL_FILE = "model.tflite"
"""Name of the model file of a network."""

RUNNERS: Mapping[str, Callable[[Path, bytes, Mapping[str, int], int], Callable[[], Runner]]] = {
    MODEL_FILE: open_litert,
    "model.skops": open_scikit,
    ENSEMBLE_FILE: open_ensemble,
    ADOPTION_FILE: open_adopted,
}
"""How each kind of model file is opened, by its name in the model folder, which holds one of them.

Each function takes the file's path, its content, the number of labels of each label set, and the number of cores that
one prediction may use. It gives a function that makes runners.
"""

_BATCH = 64  # examples that a runner is given at once


class Artifact:
    """A model folder, checked and loaded; one artifact serves any number of threads.

    Args:
        folder: Model folder with `card.json` and one of the files named in `RUNNERS`.
        threads: Number of cores that one prediction may use.

    Attributes:
        card: The folder's card.
        feature: The feature that the model reads.

    Raises:
        ModelError: The folder is damaged, altered, or does not fit this version.
    """

    def __init__(self, folder: Path, threads: int = 1):
        self._opened = (folder.resolve(), threads)
        self.card = Card.load(folder)
        self.feature = feature_of(self.card, folder)
        if self.feature.identity() != self.card.feature:
            raise ModelError(
                f"{folder}: the feature {self.feature.name!r} runs another model file now than when this model was "
                "trained; train it again"
            )
        name = model_file(folder, self.card)
        content = read_verified(folder, self.card, name)
        labels = {label_set: len(output.labels) for label_set, output in self.card.outputs.items()}
        self._runners = Pool(RUNNERS[name](folder / name, content, labels, threads))
        with self._runners.borrow() as run:
            self._check(run, folder / name, labels)

    def __reduce__(self) -> tuple[type[Artifact], tuple[Path, int]]:
        return Artifact, self._opened  # another process loads the folder itself, and checks it again

    def predict(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Calibrated log-probabilities for values of the feature.

        Args:
            features: (n, ...), n values of the feature, in its dtype; n > 0.

        Returns:
            Float32 (n, labels) for each label set.
        """
        with self._runners.borrow() as run:
            batches = [run(features[start : start + _BATCH]) for start in range(0, len(features), _BATCH)]
        return {
            name: _log_softmax(np.concatenate([batch[name] for batch in batches]) / output.temperature)
            for name, output in self.card.outputs.items()
        }

    def known_answer(self) -> dict[str, list[float]]:
        """Probabilities for the probe, by label set, to five digits; a card keeps them for `verify`."""
        answers = self.predict(self.probe()[None])
        return {name: [round(float(value), 5) for value in np.exp(answer[0])] for name, answer in answers.items()}

    def probe(self) -> np.ndarray:
        """A made-up value of the feature, the same on every machine; see `Feature.probe`."""
        return self.feature.probe()

    def _check(self, run: Runner, path: Path, labels: dict[str, int]) -> None:
        """Refuse here, with the file's name, what would fail or answer nonsense when a face is read."""
        probe = self.probe()
        if not run.fits(probe):
            raise ModelError(
                f"{path}: takes {run.takes}, but the feature {self.feature.name!r} gives {probe.dtype} {probe.shape}; "
                "it is not a model of that feature, export it again"
            )
        for label_set, count in labels.items():
            if run.answers.get(label_set) != count:
                raise ModelError(
                    f"{path}: gives {run.answers.get(label_set, 'no')} answers for the {count} labels of "
                    f"{label_set!r}; export it again"
                )
        try:
            given = run(probe[None])
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path}: cannot be run ({error}); restore or delete the folder") from None
        if not all(np.isfinite(given[label_set]).all() for label_set in labels):
            raise ModelError(f"{path}: gives answers that are no numbers; restore or delete the folder")


def verify(name: str) -> None:
    """Check that an installed model is whole and gives its known answer on this machine.

    Raises:
        ModelError: The model is not installed, is damaged or altered, or answers otherwise.
    """
    artifact = Artifact(folder_of(name))
    given = artifact.known_answer()
    for label_set, expected in artifact.card.known_answer.items():
        if not np.allclose(given.get(label_set, ()), expected, atol=5e-3):
            raise ModelError(f"model {name!r} does not give its known answer on this machine; reinstall LiteRT or it")


def feature_of(card: Card, folder: Path) -> Feature:
    """The feature that a model reads, as this version of Mien computes it.

    Args:
        card: The model's card.
        folder: The model's folder, for the message.

    Raises:
        ModelError: This version has no such feature, or has another version of it.
    """
    name, version = card.feature["name"], card.feature.get("version")
    problem = None
    if (feature := FEATURES.get(name)) is None:
        problem = f"the model needs a feature that this version does not have: {card.feature!r:.80}"
    elif version != feature.version:
        problem = (
            f"the model was trained on version {version!r:.20} of the feature {name!r}, and this is version "
            f"{feature.version}"
        )
    if problem:
        raise ModelError(f"{folder / CARD_FILE}: {problem}; restore or delete the folder")
    return feature


def model_file(folder: Path, card: Card) -> str:
    """Name of the one file among the card's that is the model.

    Raises:
        ModelError: There is none, or more than one.
    """
    names = [name for name in RUNNERS if name in card.files]
    if len(names) != 1:
        raise ModelError(
            f"{folder / CARD_FILE}: names {len(names)} model files instead of one of {' and '.join(RUNNERS)}; "
            "restore or delete the folder"
        )
    return names[0]


def served_files(folder: Path, card: Card) -> list[str]:
    """Names of the files that a model needs to answer: its model file, and those that this one names.

    Raises:
        ModelError: The files are not those of the card.
    """
    name = model_file(folder, card)
    content = read_verified(folder, card, name)
    if name == ENSEMBLE_FILE:
        return [name, *(member.file for member in read_members(folder / name, content))]
    return [name, Adoption.parse(folder / name, content).file] if name == ADOPTION_FILE else [name]


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
