"""Labels that are probably wrong: other people say so, or a model that has not learnt them."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from core.inference.installed import installed
from core.labels import FER7, FERPLUS8
from training.audit.rows import Rows
from training.damage import DAMAGE
from training.majority import majority
from training.predictions import kept_path

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
    answered = ~np.isnan(probabilities).any(axis=1)
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
