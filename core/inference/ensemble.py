"""Ensembles: several models that answer together, by the weighted mean of their log-probabilities."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..features import FEATURES
from ..features.combined import ENSEMBLE_LAYOUT, from_ensemble_input, is_in_ensemble_input
from ..labels import is_answered
from ..model_store import read_beside
from . import Runner
from .litert import open_litert
from .scikit import open_scikit

ENSEMBLE_FILE = "ensemble.json"
"""Name of the file in a model folder that lists the members beside it."""

OPENERS = {".tflite": open_litert, ".skops": open_scikit}
"""How the file of a member is opened, by its suffix."""

_RARE = 1e-4  # the least probability, so that one member that calls a label impossible does not overrule all others


@dataclass(frozen=True)
class Member:
    """One model of an ensemble.

    Attributes:
        name: Name of the model that the member was made of.
        file: Name of its model file, beside `ensemble.json`.
        sha256: Sha256 of that file.
        feature: Name and version of the feature that it reads, one for which `is_in_ensemble_input` is true.
        temperatures: Divisor of its logits for each label set that it answers in.
        weights: Weight of its answer, 0 to 1, for each of these label sets.
    """

    name: str
    file: str
    sha256: str
    feature: Mapping[str, Any]
    temperatures: Mapping[str, float]
    weights: Mapping[str, float]


class EnsembleRunner:
    """The logarithmic opinion pool (Genest and Zidek 1986) over values of `ENSEMBLE_INPUT`; see `Runner`.

    Args:
        members: Members, each with the runner of its file.
        outputs: Number of labels of each label set.
    """

    def __init__(self, members: list[tuple[Member, Runner]], outputs: Mapping[str, int]):
        self._members, self.answers = members, dict(outputs)
        self._shape = (ENSEMBLE_LAYOUT.size,)
        self.takes = f"float32 {self._shape}"

    def fits(self, example: np.ndarray) -> bool:
        return example.shape == self._shape and example.dtype == np.float32

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        opinions = [opinion(member, run, batch) for member, run in self._members]
        return {
            label_set: pooled(
                np.stack([given[label_set] for given in opinions if label_set in given]),
                np.array([member.weights[label_set] for member, _ in self._members if label_set in member.weights]),
            ).astype(np.float32)
            for label_set in self.answers
        }


def opinion(member: Member, run: Runner, batch: np.ndarray) -> dict[str, np.ndarray]:
    """A member's log-probabilities for faces.

    Args:
        member: The member.
        run: The runner of its file.
        batch: Float32 (n, 5044), values of `ENSEMBLE_INPUT`.

    Returns:
        Float32 (n, labels) for each label set of the member; a row of NaN where its feature is not found in the face.
    """
    values = [from_ensemble_input(FEATURES[member.feature["name"]], vector) for vector in batch]
    found = np.array([value is not None for value in values])
    logits = run(np.stack([value for value in values if value is not None])) if found.any() else {}
    given = {}
    for label_set, temperature in member.temperatures.items():
        given[label_set] = np.full((len(batch), run.answers[label_set]), np.nan, np.float32)
        if found.any():
            given[label_set][found] = log_probabilities(logits[label_set] / temperature)
    return given


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Logarithms of the softmax of logits (n, labels), with probabilities of at least 0.0001.

    Examples:
        >>> np.exp(log_probabilities(np.array([[0.0, 0.0, -100.0]]))).round(4).tolist()
        [[0.5, 0.5, 0.0001]]
    """
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.log(np.maximum(shifted / shifted.sum(axis=1, keepdims=True), _RARE))


def pooled(opinions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The common answer of several members.

    Where a member has no opinion, the weights of the others grow so that their sum stays the same.

    Args:
        opinions: Float (members, n, labels), log-probabilities. A row of NaN is no opinion; every row needs at least
            one member that has one.
        weights: Float (members,).

    Returns:
        Float64 (n, labels), logits.

    Examples:
        >>> opinions = np.log([[[0.9, 0.1]], [[0.5, 0.5]]])
        >>> np.exp(pooled(opinions, np.array([0.5, 0.5]))).round(3).tolist()
        [[0.671, 0.224]]
    """
    given = is_answered(opinions)
    counts = np.where(given, weights[:, None], 0)
    counts = counts * (weights.sum() / np.maximum(counts.sum(axis=0), 1e-9))
    return np.einsum("mn,mnk->nk", counts, np.nan_to_num(opinions))


def read_members(path: Path, content: bytes) -> list[Member]:
    """The members that an `ensemble.json` names.

    Args:
        path: Path of the file, for messages.
        content: Content of the file.

    Raises:
        ModelError: The content is not a list of members, or a member reads another version of a feature.
    """
    try:
        members = [Member(**fields) for fields in json.loads(content)["members"]]
        for member in members:
            if Path(member.file).name != member.file or Path(member.file).suffix not in OPENERS:
                raise ValueError(f"{member.file!r} is no model file")
            feature = FEATURES[member.feature["name"]]
            if feature.version != member.feature["version"] or not is_in_ensemble_input(feature):
                raise ValueError(f"{member.name} reads another version of {feature.name}")
            if member.temperatures.keys() != member.weights.keys():
                raise ValueError(f"{member.name} has no temperature for each weight")
            if not all(0.01 < temperature < 100 for temperature in member.temperatures.values()):
                raise ValueError(f"a temperature of {member.name} is out of range")
            if not all(0 <= weight <= 1 for weight in member.weights.values()):
                raise ValueError(f"a weight of {member.name} is out of range")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(f"{path}: not a readable ensemble ({error}); restore or delete the folder") from None
    return members


def open_ensemble(path: Path, content: bytes, outputs: Mapping[str, int], threads: int) -> Callable[[], EnsembleRunner]:
    """A function that makes runners of an ensemble.

    Args:
        path: Path of `ensemble.json`; the files of its members lie beside it.
        content: Content of `ensemble.json`.
        outputs: Number of labels of each label set.
        threads: Number of cores that one prediction of one member may use.

    Raises:
        ModelError: The file, or that of a member, is damaged or altered.
    """
    openers = [(member, _opener(path, member, outputs, threads)) for member in read_members(path, content)]

    def make() -> EnsembleRunner:
        return EnsembleRunner(
            [(member, _answering(path, member, make_one(), outputs)) for member, make_one in openers], outputs
        )

    return make


def _answering(path: Path, member: Member, run: Runner, outputs: Mapping[str, int]) -> Runner:
    if wrong := [name for name in member.weights if name not in outputs or run.answers.get(name) != outputs[name]]:
        raise ModelError(f"{path}: {member.name} does not answer in {wrong[0]!r}; restore or delete the folder")
    return run


def _opener(path: Path, member: Member, outputs: Mapping[str, int], threads: int) -> Callable[[], Runner]:
    content, file = read_beside(path, member.file, member.sha256), path.parent / member.file
    labels = {name: outputs[name] for name in member.temperatures if name in outputs}
    return OPENERS[file.suffix](file, content, labels, threads)
