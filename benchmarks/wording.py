"""Sentences and cells about figures, in which a missed aim stands out as plainly as one that is met."""

from __future__ import annotations

from collections.abc import Mapping


def spread_ms(values: Mapping[str, float]) -> str:
    """Median, and in brackets the 95th percentile, for a cell; `values` is a result of `measuring.spread`."""
    return f"{figure(values['median'])} ({figure(values['p95'])})"


def figure(value: float) -> str:
    """A number with three significant digits, a whole one with all of its own, thousands separated by commas."""
    if isinstance(value, int):
        return f"{value:,}"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def at_least(what: str, value: float, aim: float, unit: str = "") -> str:
    """Say whether a value that should be high reaches its aim."""
    return _judged(what, value, aim, unit, "at least", value >= aim)


def at_most(what: str, value: float, aim: float, unit: str = "") -> str:
    """Say whether a value that should be low stays below its aim."""
    return _judged(what, value, aim, unit, "at most", value <= aim)


def compared(what: str, ours: float, theirs: float, other: str, low_is_good: bool = True) -> str:
    """Say which of two programs is better, and by what factor.

    Args:
        what: The thing compared, as the beginning of the sentence.
        ours: Mien's value.
        theirs: The other program's value.
        other: Name of the other program.
        low_is_good: Whether the lower value is the better one.
    """
    ratio = theirs / ours if low_is_good else ours / theirs
    if 0.95 < ratio < 1.05:
        return f"{what}: Mien and {other} are alike (within 5%)."
    if ratio > 1:
        return f"{what}: Mien is better than {other}, {figure(ratio)} times."
    return f"{what}: **Mien is worse than {other}**, {figure(1 / ratio)} times."


def _judged(what: str, value: float, aim: float, unit: str, relation: str, is_met: bool) -> str:
    verdict = "met" if is_met else "**missed**"
    return f"{what}: {figure(value)}{unit}; the aim, {relation} {aim:g}{unit}, is {verdict}."
