"""Labels that are probably wrong: other people say so, or a model that has not learnt them."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from core.inference.installed import installed
from core.labels import FER7, FERPLUS8, is_answered
from training.datasets.index import Rows
from training.datasets.sample import VOTE_COLUMNS
from training.evaluation.predictions import kept_path, majority
from training.files import DAMAGE

SPLIT = "public-test"
"""A model's doubts are worth something here: Training it has learnt, and at PrivateTest nobody looks in passing."""


def by_votes(rows: Rows) -> pd.DataFrame:
    """Images whose label is not the one that most people gave, the clearest first.

    Columns: `row`, `label`, `suggested`, `doubt` (share of the votes for what is suggested, less that for the label).
    """
    suggested = majority(rows.votes)
    numbers = np.flatnonzero((suggested >= 0) & (suggested != rows.labels))
    shares = rows.votes[numbers] / rows.votes[numbers].sum(axis=1, keepdims=True).clip(1)
    return _ranked(numbers, rows.labels[numbers], suggested[numbers], shares)


def by_model(rows: Rows, probabilities: np.ndarray) -> pd.DataFrame:
    """Images of `SPLIT` whose label a model contradicts with confidence, in the columns and the order of `by_votes`.

    Confident learning (Northcutt, Jiang and Chuang 2021): a class is probable for an image where the model gives it
    at least what it gives it on average to the images that are labelled so; a label is doubtful where the most likely
    of the probable classes is another.

    Args:
        rows: Of the dataset.
        probabilities: Float (m, 7), of the rows of `SPLIT` labelled with one of the seven; NaN where no face was found.
    """
    numbers = np.flatnonzero((rows.splits == SPLIT) & (rows.labels < len(FER7)))
    answered = is_answered(probabilities)
    numbers, probabilities = numbers[answered], probabilities[answered]
    labels = rows.labels[numbers]
    own = probabilities[np.arange(len(labels)), labels]
    bars = [own[labels == label].mean() if (labels == label).any() else np.inf for label in range(len(FER7))]
    probable = np.where(probabilities >= bars, probabilities, -1)
    suggested = probable.argmax(axis=1)
    doubted = (probable.max(axis=1) >= 0) & (suggested != labels)
    return _ranked(numbers[doubted], labels[doubted], suggested[doubted], probabilities[doubted])


def predictions(rows: Rows) -> dict[str, np.ndarray]:
    """What installed models said of `SPLIT`, by name, as `by_model` takes it: of those that were evaluated on it."""
    found = {}
    for name, card in installed().items():
        path = kept_path(card, rows.hash, SPLIT)
        if FER7.name in card.outputs and path.is_file():
            with suppress(*DAMAGE), np.load(path, allow_pickle=False) as arrays:
                found[name] = arrays[FER7.name]
    return found


def _ranked(numbers: np.ndarray, labels: np.ndarray, suggested: np.ndarray, shares: np.ndarray) -> pd.DataFrame:
    names, every = np.array(FERPLUS8.labels), np.arange(len(numbers))
    doubt = shares[every, suggested] - shares[every, labels]
    found = pd.DataFrame(
        {"row": numbers, "label": names[labels], "suggested": names[suggested], "doubt": doubt.round(3)}
    )
    return found.sort_values("doubt", ascending=False, kind="stable", ignore_index=True)


def agreement(rows: Rows) -> pd.DataFrame:
    """Number of images by label (row) and by the one of the seven that most people chose (column).

    Images labelled contempt, and those without a vote for one of the seven, do not count; of equal numbers of votes the
    first label wins.
    """
    seven = rows.votes[:, : len(FER7)]
    counted = seven.any(axis=1) & (rows.labels < len(FER7))
    table = np.zeros((len(FER7), len(FER7)), np.int64)
    np.add.at(table, (rows.labels[counted], seven[counted].argmax(axis=1)), 1)
    return pd.DataFrame(table, index=FER7.labels, columns=FER7.labels)


def share_agreed(table: pd.DataFrame) -> float:
    """Of the images in the table of `agreement`, how many have the label that most people chose; NaN without any."""
    return float(np.trace(table) / table.to_numpy().sum()) if table.to_numpy().sum() else float("nan")


def disputed(rows: Rows) -> pd.DataFrame:
    """The images with votes, those on which people were least of one mind first.

    Columns: `row`, `label`, `entropy` (of the ten votes, in bits).
    """
    numbers = np.flatnonzero(rows.votes.any(axis=1))
    shares = rows.votes[numbers] / rows.votes[numbers].sum(axis=1, keepdims=True)
    entropy = -(shares * np.log2(shares, out=np.zeros_like(shares), where=shares > 0)).sum(axis=1)
    order = np.argsort(-entropy, kind="stable")
    return pd.DataFrame(
        {
            "row": numbers[order],
            "label": np.array(FERPLUS8.labels)[rows.labels[numbers[order]]],
            "entropy": entropy[order].round(3),
        }
    )


def in_words(votes: np.ndarray) -> str:
    """Ten votes, the most first: `happy 7, neutral 2, unknown 1`."""
    order = np.argsort(-votes.astype(int), kind="stable")
    return ", ".join(f"{VOTE_COLUMNS[i]} {votes[i]}" for i in order if votes[i])
