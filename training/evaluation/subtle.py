"""How well a model recognises subtle expressions: faces that some people call neutral and others do not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError, with_config

from core.corrections import flattened
from core.inference.artifact import Artifact
from core.labels import FER7, is_answered
from core.runtime.files import write_whole
from training import text_tables
from training.datasets import Dataset, dataset_hash
from training.errors import TrainingError
from training.evaluation.ledger import artifact_hash
from training.evaluation.predictions import predict
from training.evaluation.report import first_problem

FOLDER = Path("docs/subtle")
"""Folder of the committed files, one for each model."""

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


@with_config(allow_inf_nan=False)
@dataclass(frozen=True)
class SubtleFigures:
    """Answers of one model to subtle and to neutral images, as docs/subtle keeps them.

    Attributes:
        model: Name of the model.
        artifact: Hash of the model's main file.
        dataset: Hash of the dataset.
        answers: The figures by label set.
    """

    model: str
    artifact: str
    dataset: str
    answers: dict[str, Subtle]

    def save(self, folder: Path) -> Path:
        """Write `NAME.json` in a folder, whole or not at all, and return its path."""
        path = folder / f"{self.model}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(asdict(self), indent=1) + "\n")
        return path

    @classmethod
    def load(cls, path: Path) -> SubtleFigures:
        """Read a file that `save` wrote.

        Raises:
            TrainingError: The file cannot be read, or is damaged.
        """
        try:
            return _STORED.validate_json(path.read_bytes())
        except ValidationError as error:
            reason = first_problem(error)
        except OSError as error:
            reason = error.strerror or repr(error)
        raise TrainingError(
            f"{path}: not figures of subtle expressions ({reason:.200}); make them again with "
            "`python -m training subtle --out`"
        )


_STORED = TypeAdapter(SubtleFigures)


def stored(folder: Path | None = None) -> list[SubtleFigures]:
    """Read all files in a folder (`FOLDER` if not given), sorted by the models' names.

    Raises:
        TrainingError: A file is damaged, or the models were not all measured on the same dataset.
    """
    found = [SubtleFigures.load(path) for path in sorted((folder or FOLDER).glob("*.json"))]
    for one in found[1:]:
        if one.dataset != found[0].dataset:
            raise TrainingError(
                f"{folder or FOLDER}: {one.model!r} and {found[0].model!r} were not measured on the same dataset; "
                "give `python -m training subtle` both names"
            )
    return found


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


def measure_subtle(artifact: Artifact, dataset: Path) -> SubtleFigures:
    """Evaluate a model on the subtle and the neutral images of PublicTest without copies.

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
    return SubtleFigures(
        model=artifact.card.name,
        artifact=artifact_hash(artifact.card),
        dataset=dataset_hash(dataset),
        answers={
            name: _measured(y_prob[chosen], expression, is_neutral, priors.get(name))
            for name, y_prob in predictions.y_prob.items()
        },
    )


def _measured(
    y_prob: np.ndarray, expression: np.ndarray, is_neutral: np.ndarray, priors: Sequence[float] | None
) -> Subtle:
    from sklearn.metrics import roc_auc_score  # here, because it takes half a second, also of a page of results

    plain = _rates(y_prob, expression, is_neutral)
    flat = (None, None) if priors is None else _rates(flattened(y_prob, priors), expression, is_neutral)
    found = is_answered(y_prob)
    separation = float(roc_auc_score(~is_neutral[found], -y_prob[found, _NEUTRAL]))
    return Subtle(int((~is_neutral).sum()), int(is_neutral.sum()), *plain, round(separation, 5), *flat)


def _rates(y_prob: np.ndarray, expression: np.ndarray, is_neutral: np.ndarray) -> tuple[float, float]:
    found = is_answered(y_prob)
    answered = np.where(found, np.nan_to_num(y_prob).argmax(axis=1), -1)
    seen, alarms = (answered == expression)[~is_neutral], (answered != _NEUTRAL)[is_neutral]
    return round(float(seen.mean()), 5), round(float(alarms.mean()), 5)


def table(measured: Sequence[SubtleFigures], table: Callable[..., str] = text_tables.aligned) -> str:
    """Give the figures of several models as a table, a row for each model and label set that it answers in."""
    header = ["model", "answers", "subtle", "seen", "neutral", "alarms", "separation", "flat: seen", "flat: alarms"]
    return table(
        header,
        [
            [
                figures.model,
                label_set,
                str(one.subtle),
                f"{one.seen:.1%}",
                str(one.neutral),
                f"{one.alarms:.1%}",
                f"{one.separation:.3f}",
                "" if one.seen_flat is None else f"{one.seen_flat:.1%}",
                "" if one.alarms_flat is None else f"{one.alarms_flat:.1%}",
            ]
            for figures in measured
            for label_set, one in figures.answers.items()
        ],
    )
