"""Comparison of models: their figures side by side, and paired tests of their differences."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binomtest

from training import text_tables
from training.evaluation.measurement import Measurement, megabytes, size_bytes

_NONE = "-"

Table = Callable[[Sequence[str], Sequence[Sequence[str]]], str]


@dataclass(frozen=True)
class Pair:
    """McNemar's paired test of two models on the same images.

    Attributes:
        a: Name of the first model.
        b: Name of the second model.
        only_a: Number of images that only the first model answered correctly.
        only_b: Number of images that only the second model answered correctly.
        p: Exact two-sided p-value.
    """

    a: str
    b: str
    only_a: int
    only_b: int
    p: float


def mcnemar(a: np.ndarray, b: np.ndarray) -> tuple[int, int, float]:
    """Compute McNemar's test (1947) in its exact binomial form.

    Args:
        a: Bool (n,), which images the first model answered correctly.
        b: Bool (n,), which images the second model answered correctly.

    Returns:
        Number of images that only the first model answered correctly, number of images that only the second answered
        correctly, and the two-sided p-value.
    """
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    differ = only_a + only_b
    return only_a, only_b, float(binomtest(only_a, differ).pvalue) if differ else 1.0


def pairs(measurements: Sequence[Measurement]) -> list[Pair]:
    """Test every two models that were measured on the same images."""
    return [
        Pair(a.card.name, b.card.name, *mcnemar(a.correct, b.correct))
        for a, b in combinations(measurements, 2)
        if (a.dataset, a.split) == (b.dataset, b.split)
    ]


def ranked(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Sort measurements, the most accurate first."""
    return sorted(measurements, key=lambda one: (-one.report.accuracy, one.card.name))


def figures_table(measurements: Sequence[Measurement], table: Table = text_tables.markdown) -> str:
    """Make a table with a row of figures for each model."""
    header = ["model", "recipe", "accuracy (95%)", "faces found", "accuracy there", "without copies"]
    header += ["balanced", "macro-F1", "calibration error", "sure at 90%", "parameters", "size", "ms a face"]
    return table(header, [_figures(one) for one in measurements])


def p_values_table(measurements: Sequence[Measurement], table: Table = text_tables.markdown) -> str:
    """Make a table of McNemar's p-values, with a dash where two models were not measured on the same images."""
    found = {frozenset((pair.a, pair.b)): pair.p for pair in pairs(measurements)}
    names = [one.card.name for one in measurements]
    rows = [[a, *(_p_value(found.get(frozenset((a, b)))) for b in names)] for a in names]
    return table(["p", *names], rows)


def as_text(measurements: Sequence[Measurement], table: Table = text_tables.aligned) -> str:
    """Make both tables, for a terminal or, with `text_tables.markdown`, for a page."""
    parts = [figures_table(measurements, table)]
    if len(measurements) > 1:
        parts += ["McNemar's test of any two, exact, two-sided:", p_values_table(measurements, table)]
    return "\n\n".join(parts)


def as_json(measurements: Sequence[Measurement]) -> str:
    """Give the Reports, sizes and tests as one JSON object."""
    models = [
        {
            "name": one.card.name,
            "recipe": one.card.recipe,
            "parameters": one.parameters,
            "bytes": size_bytes(one.card),
            "milliseconds": round(one.milliseconds, 3),
            "report": one.report.as_dict(),
        }
        for one in measurements
    ]
    return json.dumps({"models": models, "mcnemar": [asdict(pair) for pair in pairs(measurements)]}, indent=1)


def _figures(one: Measurement) -> list[str]:
    report = one.report
    low, high = report.accuracy_interval
    return [
        one.card.name,
        one.card.recipe,
        f"{report.accuracy:.1%} ({low:.1%} to {high:.1%})",
        f"{report.coverage:.1%}",
        f"{report.accuracy_where_found:.1%}",
        f"{report.accuracy_without_copies:.1%}",
        f"{report.balanced_accuracy:.1%}",
        f"{report.macro_f1:.1%}",
        f"{report.ece:.1%}",
        _NONE if report.answered_at_90 is None else f"{report.answered_at_90:.1%}",
        _NONE if one.parameters is None else f"{one.parameters:,}",
        megabytes(one.card),
        f"{one.milliseconds:.2f}",
    ]


def _p_value(p: float | None) -> str:
    if p is None:
        return _NONE
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"
