"""Installed models -> an ensemble that asks them all and weighs their answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

from core.cards import Card, Output, dataset_title, split_title
from core.features.combined import ENSEMBLE_INPUT, is_in_ensemble_input
from core.inference.artifact import Artifact, model_file
from core.inference.ensemble import ENSEMBLE_FILE, OPENERS, Member, log_probabilities, pooled
from core.labels import FER7, LABEL_SETS
from core.model_store import folder_of, read_verified
from training.datasets import dataset_hash
from training.errors import TrainingError
from training.evaluation.calibration import fit_temperature
from training.evaluation.predictions import Predictions, predict
from training.export.staging import draft_card, write_folder
from training.workflows.install import UNSURE_BELOW, add_reports

RECIPE = "ensemble"
"""Recipe in the card, which is none of the registry: nothing but the weights is fitted."""

_LIBRARIES = ("ai-edge-litert", "scikit-learn", "skops", "numpy", "mediapipe")


def make_ensemble(
    names: Sequence[str], dataset: Path, out: Path, *, command: str = "", say: Callable[[str], None] = print
) -> Card:
    """Install an ensemble of installed models; it keeps copies of their files and does not need their folders.

    The weights of the models are those that make the labels of public-test without its copies likeliest; a model that
    does not help gets the weight 0.

    Args:
        names: Names of two or more models, at least one of which must see every face.
        dataset: File that `training import` wrote.
        out: The model folder to write.
        command: Command line that makes the ensemble again, for the card.
        say: Receives progress in words.

    Raises:
        ModelError: There is no such model, or it is damaged.
        TrainingError: The models cannot be asked together.
        DatasetError: The dataset cannot be used.
    """
    artifacts = {name: Artifact(folder_of(name)) for name in dict.fromkeys(names)}
    _check(artifacts)
    said = {name: predict(artifact, dataset, "public-test") for name, artifact in artifacts.items()}
    members, outputs = {name: _member(artifact) for name, artifact in artifacts.items()}, {}
    for label_set in LABEL_SETS:
        asked = [name for name, artifact in artifacts.items() if label_set in artifact.card.outputs]
        if any(_sees_all(artifacts[name]) for name in asked):
            weights, outputs[label_set] = _weighed(label_set, [said[name] for name in asked])
            for name, weight in zip(asked, weights, strict=True):
                members[name].temperatures[label_set] = artifacts[name].card.outputs[label_set].temperature
                members[name].weights[label_set] = round(float(weight), 4)
    for name, member in members.items():
        say(f"{name}: " + ", ".join(f"{weight:.2f} in {key}" for key, weight in member.weights.items()))

    def fill(folder: Path) -> tuple[list[str], dict]:
        for name, member in members.items():
            card = artifacts[name].card
            content = read_verified(folder_of(name), card, model_file(folder_of(name), card))
            (folder / member.file).write_bytes(content)
        told = {"members": [asdict(member) for member in members.values()]}
        (folder / ENSEMBLE_FILE).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        return [ENSEMBLE_FILE, *(member.file for member in members.values())], {}

    card = _card(out, list(members.values()), list(artifacts.values()), outputs, dataset, command)
    write_folder(card, out, fill)
    say(f"written to {out}")
    card = add_reports(out, dataset)
    part = split_title("public-test", dataset_title(dataset.name))
    say(f"{part} accuracy {card.metrics['public_test']['accuracy']:.2%}, every image counted")
    return card


def _check(artifacts: dict[str, Artifact]) -> None:
    if len(artifacts) < 2:
        raise TrainingError("an ensemble needs two models or more; name another one")
    for name, artifact in artifacts.items():
        if artifact.card.recipe == RECIPE or not is_in_ensemble_input(artifact.feature):
            raise TrainingError(f"{name}: its feature is not among those that an ensemble sees; leave it out")
        if Path(model_file(folder_of(name), artifact.card)).suffix not in OPENERS:
            raise TrainingError(f"{name}: was adopted as it is, which an ensemble cannot keep a copy of; leave it out")
        if FER7.name not in artifact.card.outputs:
            raise TrainingError(f"{name}: does not answer in {FER7.name}; leave it out")
    if not any(map(_sees_all, artifacts.values())):
        raise TrainingError("none of these models sees a face without a mesh; name one that does, such as quick")


def _sees_all(artifact: Artifact) -> bool:
    return artifact.feature.needs != "mesh"


def _member(artifact: Artifact) -> Member:
    folder = folder_of(artifact.card.name)
    file = model_file(folder, artifact.card)
    return Member(
        name=artifact.card.name,
        file=artifact.card.name + Path(file).suffix,
        sha256=artifact.card.files[file]["sha256"],
        feature={key: artifact.card.feature[key] for key in ("name", "version")},
        temperatures={},
        weights={},
    )


def _weighed(label_set: str, said: Sequence[Predictions]) -> tuple[np.ndarray, Output]:
    """Fit the weights (members,), which sum to 1, and the temperature of the pooled answers."""
    y_true = said[0].y_true[label_set]
    if not (y_true >= 0).any():
        y_true = said[0].y_true[FER7.name]
    rows = (y_true >= 0) & ~said[0].is_copy
    opinions = np.stack([_opinion(each.y_prob[label_set][rows]) for each in said])
    weights = fit_weights(opinions, y_true[rows])
    temperature = fit_temperature(pooled(opinions, weights), y_true[rows])
    labels = LABEL_SETS[label_set].labels
    return weights, Output(labels, "what its members were taught", round(temperature, 4), UNSURE_BELOW)


def _opinion(probabilities: np.ndarray) -> np.ndarray:
    return log_probabilities(np.log(np.maximum(probabilities, 1e-12)))


def fit_weights(opinions: np.ndarray, y_true: np.ndarray) -> np.ndarray:
    """Fit weights (members,), none below 0 and their sum 1, with which the pooled answers make the labels likeliest.

    Args:
        opinions: Log-probabilities (members, n, labels); rows of NaN are no opinion.
        y_true: Int (n,), indices of the labels.
    """

    def loss(weights: np.ndarray) -> float:
        return -log_softmax(pooled(opinions, weights), axis=1)[np.arange(len(y_true)), y_true].mean()

    start = np.full(len(opinions), 1 / len(opinions))
    fitted = minimize(loss, start, method="L-BFGS-B", bounds=[(0, 5)] * len(opinions)).x
    return fitted / fitted.sum()


def _priors(
    members: Sequence[Member], priors: Sequence[Mapping[str, Sequence[float]]], outputs: Iterable[str]
) -> dict[str, list[float]]:
    """Mean the members' priors by their weights, in label sets in which all that count tell theirs."""
    pooled_priors = {}
    for label_set in outputs:
        counted = [
            (weight, told.get(label_set))
            for member, told in zip(members, priors, strict=True)
            if (weight := member.weights.get(label_set))
        ]
        if counted and all(shares for _, shares in counted):
            weights, shares = zip(*counted, strict=True)
            pooled_priors[label_set] = np.average(shares, axis=0, weights=weights).round(7).tolist()
    return pooled_priors


def _card(
    out: Path,
    members: Sequence[Member],
    artifacts: Sequence[Artifact],
    outputs: dict[str, Output],
    dataset: Path,
    command: str,
) -> Card:
    cards = [artifact.card for artifact in artifacts]
    return draft_card(
        out,
        libraries=_LIBRARIES,
        recipe=RECIPE,
        summary=f"{', '.join(card.name for card in cards[:-1])} and {cards[-1].name}, asked together.",
        feature=ENSEMBLE_INPUT.identity(),
        outputs=outputs,
        data={
            "name": dataset.name,
            "hash": dataset_hash(dataset),
            "priors": _priors(members, [card.data.get("priors", {}) for card in cards], outputs),
            "parameters": sum(card.data.get("parameters", 0) for card in cards),
            "weights": "as its members",
        },
        command=command,
    )
