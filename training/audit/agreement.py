"""How far the labels agree with what ten people said of each image (FER+, Barsoum et al. 2016)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.labels import FER7, FERPLUS8
from training.audit.rows import Rows
from training.datasets.ferplus import VOTE_COLUMNS


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
