"""Tables of figures for README and docs, made from the cards; nobody types one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.cards import Card
from training.errors import TrainingError


def models_table(cards: Iterable[Card]) -> str:
    """A Markdown table of models with their PrivateTest figures."""
    lines = [
        "| model | what it is | PrivateTest | without copies | balanced | calibration error | size |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for card in cards:
        size = sum(entry["bytes"] for entry in card.files.values()) / 1e6
        lines.append(
            f"| `{card.name}` | {card.summary} | {_figures(card.metrics.get('private_test'))} | {size:.1f} MB |"
        )
    return "\n".join(lines)


def _figures(metrics) -> str:
    if not metrics:
        return "not measured | | | "
    low, high = metrics["accuracy_interval"]
    return (
        f"{metrics['accuracy']:.1%} ({low:.1%} to {high:.1%}) | {metrics['accuracy_without_copies']:.1%} | "
        f"{metrics['balanced_accuracy']:.1%} | {metrics['ece']:.1%}"
    )


def write_between(path: Path, marker: str, text: str) -> None:
    """Replace what stands between `<!-- marker:start -->` and `<!-- marker:end -->` in a file.

    Raises:
        TrainingError: the file lacks the markers.
    """
    start, end = f"<!-- {marker}:start -->", f"<!-- {marker}:end -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise TrainingError(f"{path}: lacks the lines {start} and {end}")
    path.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")
