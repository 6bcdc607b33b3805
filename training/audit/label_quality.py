"""Labels that are probably wrong, by the votes of FER+ or by a model that has not learnt from them."""

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
"""Split whose labels models are asked about: they have learnt from Training, and PrivateTest is for final figures."""


def by_votes(rows: Rows) -> pd.DataFrame:
    """Find images whose label is not the one that most people gave.

    Returns:
        Table with the columns `row`, `label`, `suggested` and `doubt` (share of the votes for the suggested label minus
        share for the label), the largest doubt first.
    """
    suggested = majority(rows.votes)
    numbers = np.flatnonzero((suggested >= 0) & (suggested != rows.labels))
    shares = rows.votes[numbers] / rows.votes[numbers].sum(axis=1, keepdims=True).clip(1)
    return _ranked(numbers, rows.labels[numbers], suggested[numbers], shares)


def by_model(rows: Rows, y_prob: np.ndarray) -> pd.DataFrame:
    """Find images of `SPLIT` whose label a model contradicts with confidence.

    This is confident learning (Northcutt, Jiang and Chuang 2021). A class is probable for an image if its probability
    is at least the mean probability of that class over the images labelled with it; a label is doubtful if the most
    likely of the probable classes is another.

    Args:
        rows: All rows of the dataset.
        y_prob: Float (m, 7), probabilities for the rows of `SPLIT` labelled with one of the seven; a row of NaN is a
            face that was not found.

    Returns:
        Table as `by_votes` gives it.
    """
    numbers = np.flatnonzero((rows.splits == SPLIT) & (rows.labels < len(FER7)))
    answered = is_answered(y_prob)
    numbers, y_prob = numbers[answered], y_prob[answered]
    labels = rows.labels[numbers]
    own = y_prob[np.arange(len(labels)), labels]
    bars = [own[labels == label].mean() if (labels == label).any() else np.inf for label in range(len(FER7))]
    probable = np.where(y_prob >= bars, y_prob, -1)
    suggested = probable.argmax(axis=1)
    doubted = (probable.max(axis=1) >= 0) & (suggested != labels)
    return _ranked(numbers[doubted], labels[doubted], suggested[doubted], y_prob[doubted])


def predictions(rows: Rows) -> dict[str, np.ndarray]:
    """Read the answers of the installed models that were evaluated on `SPLIT`, by name, as `by_model` takes them."""
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
    """Count the images by label (row) and by the one of the seven labels that most people chose (column).

    Images labelled contempt, and images without a vote for one of the seven, do not count. Of labels with equally many
    votes the first one counts.
    """
    seven = rows.votes[:, : len(FER7)]
    counted = seven.any(axis=1) & (rows.labels < len(FER7))
    table = np.zeros((len(FER7), len(FER7)), np.int64)
    np.add.at(table, (rows.labels[counted], seven[counted].argmax(axis=1)), 1)
    return pd.DataFrame(table, index=FER7.labels, columns=FER7.labels)


def share_agreed(table: pd.DataFrame) -> float:
    """Share of the images in the table of `agreement` with the label that most people chose; NaN without any image."""
    return float(np.trace(table) / table.to_numpy().sum()) if table.to_numpy().sum() else float("nan")


def disputed(rows: Rows) -> pd.DataFrame:
    """List the images with votes by how much people disagreed.

    Returns:
        Table with the columns `row`, `label` and `entropy` (entropy of the ten votes, in bits), the largest first.
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
    """Give ten votes as text, the most frequent first: `happy 7, neutral 2, unknown 1`."""
    order = np.argsort(-votes.astype(int), kind="stable")
    return ", ".join(f"{VOTE_COLUMNS[i]} {votes[i]}" for i in order if votes[i])
