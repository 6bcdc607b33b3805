"""How well a model recognises subtle expressions: faces that some people call neutral and others do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from core.corrections import flattened
from core.inference.artifact import Artifact
from core.labels import FER7, is_answered
from training import text_tables
from training.datasets import Dataset
from training.errors import TrainingError
from training.evaluation.predictions import predict

SPLIT = "public-test"
_SPLIT_VOTES = (3, 7)  # of ten, for neutral and for the expression
_LEAST_TOGETHER = 8
_LEAST_CLEAR = 8
_NEUTRAL = FER7.index("neutral")  # and so of FERPLUS8, which begins with the same seven


@dataclass(frozen=True)
class Subtle:
    """Answers of one model to subtle and to neutral images in one label set; shares are 0 to 1.

    A face that is not found counts as an error among the subtle images and as an alarm among the neutral ones.

    Attributes:
        subtle: Number of images whose votes are split between neutral and one other expression.
        neutral: Number of images that nearly everybody calls neutral.
        seen: Share of the subtle images that the model answers with that other expression.
        alarms: Share of the neutral images that the model answers with anything else.
        separation: How often the probability of "neutral" is lower for a subtle image than for a neutral one (the area
            under the ROC curve); 0.5 is chance.
        seen_flat: `seen` under a flat prior; None where the model's priors are not known.
        alarms_flat: `alarms` under a flat prior; None where the model's priors are not known.
    """

    subtle: int
    neutral: int
    seen: float
    alarms: float
    separation: float
    seen_flat: float | None
    alarms_flat: float | None


def subtle_expressions(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the subtle and the neutral images by the votes of FER+.

    Args:
        votes: Int (n, 10), votes in the order of `VOTE_COLUMNS`.

    Returns:
        Int (n,), the index into `FER7` of a subtle image's expression, -1 for other images: the expression and
        "neutral" have three to seven of ten votes each, and eight together. Bool (n,), images with eight votes for
        "neutral".
    """
    known = votes[:, : len(FER7)].astype(np.int64)
    neutral = known[:, _NEUTRAL]
    others = known.copy()
    others[:, _NEUTRAL] = -1
    expression = others.argmax(axis=1)
    most = others.max(axis=1)
    least, largest = _SPLIT_VOTES
    is_split = (neutral >= least) & (neutral <= largest) & (most >= least) & (most <= largest)
    return np.where(is_split & (neutral + most >= _LEAST_TOGETHER), expression, -1), neutral >= _LEAST_CLEAR


def measure_subtle(artifact: Artifact, dataset: Path) -> dict[str, Subtle]:
    """Evaluate a model on the subtle and the neutral images of PublicTest without copies, by label set.

    Raises:
        DatasetError: The file cannot be used.
        TrainingError: By the votes of FER+ no image is subtle, or none is neutral.
    """
    expression, is_neutral = subtle_expressions(Dataset.load(dataset, (SPLIT,)).votes)
    predictions = predict(artifact, dataset, SPLIT)
    chosen = ((expression >= 0) | is_neutral) & ~predictions.is_copy
    expression, is_neutral = expression[chosen], is_neutral[chosen]
    if is_neutral.all() or not is_neutral.any():
        raise TrainingError(
            f"{dataset}: no subtle or no neutral images in {SPLIT}, which are chosen by the votes of FER+; import it "
            "with --ferplus"
        )
    priors = artifact.card.data.get("priors", {})
    return {
        name: _measured(y_prob[chosen], expression, is_neutral, priors.get(name))
        for name, y_prob in predictions.y_prob.items()
    }


def _measured(
    y_prob: np.ndarray, expression: np.ndarray, is_neutral: np.ndarray, priors: Sequence[float] | None
) -> Subtle:
    plain = _rates(y_prob, expression, is_neutral)
    flat = (None, None) if priors is None else _rates(flattened(y_prob, priors), expression, is_neutral)
    found = is_answered(y_prob)
    return Subtle(
        int((~is_neutral).sum()),
        int(is_neutral.sum()),
        *plain,
        float(roc_auc_score(~is_neutral[found], -y_prob[found, _NEUTRAL])),
        *flat,
    )


def _rates(y_prob: np.ndarray, expression: np.ndarray, is_neutral: np.ndarray) -> tuple[float, float]:
    found = is_answered(y_prob)
    answered = np.where(found, np.nan_to_num(y_prob).argmax(axis=1), -1)
    seen = (answered == expression)[~is_neutral].mean()
    return float(seen), float((answered != _NEUTRAL)[is_neutral].mean())


def table(measured: Mapping[str, Mapping[str, Subtle]]) -> str:
    """Give the figures of several models, by name and label set, as a table for a terminal."""
    header = ["model", "answers", "subtle", "seen", "neutral", "alarms", "separation", "flat: seen", "alarms"]
    return text_tables.aligned(
        header,
        [
            [
                name,
                label_set,
                str(one.subtle),
                f"{one.seen:.1%}",
                str(one.neutral),
                f"{one.alarms:.1%}",
                f"{one.separation:.3f}",
                "" if one.seen_flat is None else f"{one.seen_flat:.1%}",
                "" if one.alarms_flat is None else f"{one.alarms_flat:.1%}",
            ]
            for name, by_label_set in measured.items()
            for label_set, one in by_label_set.items()
        ],
    )
