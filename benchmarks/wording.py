"""Figures -> sentences and tables: what is worse is said as plainly as what is better."""

from __future__ import annotations

from collections.abc import Mapping


def spread_ms(values: Mapping[str, float]) -> str:
    """Median and 95th percentile of some milliseconds, for a cell."""
    return f"{figure(values['median'])} ({figure(values['p95'])})"


def figure(value: float) -> str:
    """Three digits, and no more than are known."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def at_least(what: str, value: float, aim: float, unit: str = "") -> str:
    """A sentence that says whether something that should be high is."""
    return _judged(what, value, aim, unit, "at least", value >= aim)


def at_most(what: str, value: float, aim: float, unit: str = "") -> str:
    """A sentence that says whether something that should be low is."""
    return _judged(what, value, aim, unit, "at most", value <= aim)


def compared(what: str, ours: float, theirs: float, other: str, low_is_good: bool = True) -> str:
    """A sentence that says which of two is better, and by how much."""
    ratio = theirs / ours if low_is_good else ours / theirs
    if 0.95 < ratio < 1.05:
        return f"{what}: Mien and {other} are alike (within 5 %)."
    if ratio > 1:
        return f"{what}: Mien is better than {other}, {figure(ratio)} times."
    return f"{what}: **Mien is worse than {other}**, {figure(1 / ratio)} times."


def _judged(what: str, value: float, aim: float, unit: str, relation: str, is_met: bool) -> str:
    verdict = "met" if is_met else "**missed**"
    return f"{what}: {figure(value)}{unit}; the aim, {relation} {aim:g}{unit}, is {verdict}."
