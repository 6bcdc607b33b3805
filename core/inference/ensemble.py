"""Several models that answer together: a weighted mean of what they think, in logarithms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..cards import is_own_file
from ..errors import ModelError
from ..features import FEATURES
from ..features.combined import ENSEMBLE_LAYOUT, from_ensemble_input, is_in_ensemble_input
from ..labels import is_answered
from .litert import open_litert
from .runner import Runner
from .scikit import open_scikit

_OPENERS = {".tflite": open_litert, ".skops": open_scikit}
_RARE = 1e-4  # what a member holds for impossible may still be so: one alone must not overrule all


@dataclass(frozen=True)
class Member:
    """One model of an ensemble.

    Attributes:
        name: Of the model it was.
        file: Beside `ensemble.json`.
        sha256: Of that file.
        feature: Name and version of what it eats, which must be made of `features.looks`.
        temperatures: What its logits are divided by, for each label set that it answers in.
        weights: How much it counts, for each of those.
    """

    name: str
    file: str
    sha256: str
    feature: Mapping[str, Any]
    temperatures: Mapping[str, float]
    weights: Mapping[str, float]


class EnsembleRunner:
    """The logarithmic opinion pool (Genest and Zidek 1986); see `Runner`.

    Where a member sees no face, those that do count for it: as much more as keeps the sum of the weights.
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
    """A member's log-probabilities, float32 (n, labels) by label set, of looks (n, size); NaN where it sees no face."""
    values = [from_ensemble_input(FEATURES[member.feature["name"]], looks) for looks in batch]
    seen = np.array([value is not None for value in values])
    logits = run(np.stack([value for value in values if value is not None])) if seen.any() else {}
    given = {}
    for label_set, temperature in member.temperatures.items():
        given[label_set] = np.full((len(batch), run.answers[label_set]), np.nan, np.float32)
        if seen.any():
            given[label_set][seen] = log_probabilities(logits[label_set] / temperature)
    return given


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities that are nowhere quite 0."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.log(np.maximum(shifted / shifted.sum(axis=1, keepdims=True), _RARE))


def pooled(opinions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Float64 logits (n, labels) of several log-probabilities (members, n, labels); a row of NaN is no opinion.

    At least one member must have one on every row.
    """
    given = is_answered(opinions)
    counts = np.where(given, weights[:, None], 0)
    counts = counts * (weights.sum() / np.maximum(counts.sum(axis=0), 1e-9))
    return np.einsum("mn,mnk->nk", counts, np.nan_to_num(opinions))


def read_members(path: Path, content: bytes) -> list[Member]:
    """The members that an `ensemble.json` names.

    Raises:
        ModelError: it is none, or was made with another version of a feature.
    """
    try:
        members = [Member(**told) for told in json.loads(content)["members"]]
        for member in members:
            if Path(member.file).name != member.file or Path(member.file).suffix not in _OPENERS:
                raise ValueError(f"{member.file!r} is no model file")
            feature = FEATURES[member.feature["name"]]
            if feature.version != member.feature["version"] or not is_in_ensemble_input(feature):
                raise ValueError(f"{member.name} takes another {feature.name} than this version has")
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
    """What makes runners of an ensemble whose members lie beside its file.

    Raises:
        ModelError: it, or a member, is damaged or altered.
    """
    openers = [(member, _opener(path.parent, member, outputs, threads)) for member in read_members(path, content)]

    def make() -> EnsembleRunner:
        return EnsembleRunner(
            [(member, _answering(path, member, make_one(), outputs)) for member, make_one in openers], outputs
        )

    return make


def _answering(path: Path, member: Member, run: Runner, outputs: Mapping[str, int]) -> Runner:
    if wrong := [name for name in member.weights if name not in outputs or run.answers.get(name) != outputs[name]]:
        raise ModelError(f"{path}: {member.name} does not answer in {wrong[0]!r}; restore or delete the folder")
    return run


def _opener(folder: Path, member: Member, outputs: Mapping[str, int], threads: int) -> Callable[[], Runner]:
    path = folder / member.file
    if not is_own_file(path):
        raise ModelError(f"{path}: missing in this folder; restore or delete the folder")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != member.sha256:
        raise ModelError(f"{path}: not the file that the ensemble names (another sha256); restore or delete the folder")
    labels = {name: outputs[name] for name in member.temperatures if name in outputs}
    return _OPENERS[path.suffix](path, content, labels, threads)
