"""Mistakes: the images that a model answered wrongly, and how sure it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

ORDERS: Mapping[str, tuple[str, bool]] = {
    "most confident": ("confidence", False),
    "worst": ("for_label", True),
}
"""By name, the column to sort by and whether the smallest come first: sure of what is wrong, blind to what is right."""


def make_mistakes(
    labels: Sequence[str], rows: np.ndarray, truth: np.ndarray, probabilities: np.ndarray
) -> pd.DataFrame:
    """The wrong answers, in the order of the file; a face that was not found got no answer and is not among them.

    Args:
        labels: Names of the k classes.
        rows: Int (n,), of each image in the dataset file, from 0.
        truth: Int (n,).
        probabilities: (n, k); a row of NaN is a face that was not found.

    Returns:
        Columns `row`, `label` (the true one), `answer`, `confidence` (the probability of the answer) and `for_label`
        (that of the true label).
    """
    answers = np.nan_to_num(probabilities).argmax(axis=1)
    wrong = np.flatnonzero(~np.isnan(probabilities).any(axis=1) & (answers != truth))
    names = np.array(labels)
    return pd.DataFrame(
        {
            "row": rows[wrong],
            "label": names[truth[wrong]],
            "answer": names[answers[wrong]],
            "confidence": probabilities[wrong, answers[wrong]].astype(float).round(5),
            "for_label": probabilities[wrong, truth[wrong]].astype(float).round(5),
        }
    )


def chosen(
    mistakes: pd.DataFrame, order: str = "most confident", label: str | None = None, answer: str | None = None
) -> pd.DataFrame:
    """Mistakes in an order of `ORDERS`, of one true label and one answer; of all where None."""
    column, ascending = ORDERS[order]
    for name, wanted in (("label", label), ("answer", answer)):
        if wanted is not None:
            mistakes = mistakes[mistakes[name] == wanted]
    return mistakes.sort_values(column, ascending=ascending, kind="stable", ignore_index=True)
