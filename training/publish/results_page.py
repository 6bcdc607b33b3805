"""The page of results and the README's table of models, generated from cards and measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from core.cards import FER2013, Card, split_title
from core.runtime.files import write_whole
from training import text_tables
from training.errors import TrainingError
from training.evaluation.compare import figures_table, p_values_table, ranked
from training.evaluation.ledger import artifact_hash
from training.evaluation.measurement import Measurement, megabytes
from training.evaluation.robustness import Robustness
from training.evaluation.subtle import SPLIT, SubtleFigures
from training.evaluation.subtle import table as subtle_table
from training.publish.robustness import save_chart, section


def models_table(cards: Iterable[Card]) -> str:
    """Make a Markdown table of models with their figures on the final test."""
    cards = list(cards)
    datasets = {card.measured_on("private_test") for card in cards if "private_test" in card.metrics}
    title = split_title("private-test", FER2013 if datasets <= {FER2013} else "")
    header = ["model", "what it is", title, "without copies", "balanced", "calibration error", "size"]
    rows = [
        [f"`{card.name}`", card.summary, *_figures(card, alone=len(datasets) < 2), megabytes(card)] for card in cards
    ]
    return text_tables.markdown(header, rows)


def _figures(card: Card, alone: bool) -> list[str]:
    """The figures of one model; unless those of all models are about one dataset, with the name of that dataset."""
    metrics = card.metrics.get("private_test")
    if not metrics:
        return ["not measured", "", "", ""]
    low, high = metrics["accuracy_interval"]
    return [
        f"{metrics['accuracy']:.1%} ({low:.1%} to {high:.1%})"
        + ("" if alone else f", {card.measured_on('private_test')}"),
        f"{metrics['accuracy_without_copies']:.1%}",
        f"{metrics['balanced_accuracy']:.1%}",
        f"{metrics['ece']:.1%}",
    ]


CHART = "robustness.svg"
"""Name of the file of the chart, beside the page of results."""


def results_page(
    measurements: Sequence[Measurement], robust: Sequence[Robustness] = (), subtle: Sequence[SubtleFigures] = ()
) -> str:
    """Make docs/results.md from the measurements in docs/reports, docs/robustness and docs/subtle.

    Raises:
        TrainingError: There are no measurements.
    """
    if not measurements:
        raise TrainingError("no model has a final figure yet; run `evaluate MODEL --split private-test --final`")
    measurements = ranked(measurements)
    report, dataset = measurements[0].report, measurements[0].card.measured_on("private_test")
    labels = list(report.f1)
    copies = " and ".join(f"{count} of {split}" for split, count in report.copies.items())
    parts = [
        "# Results",
        "`python -m training compare --split private-test --write docs/results.md` wrote this page from the "
        "measurements in [reports/](reports/), [robustness/](robustness/) and [subtle/](subtle/). Nobody types a "
        "figure here; "
        "[ledger.csv](ledger.csv) says when each model was measured: once.",
        f"## {dataset}'s {split_title('private-test', dataset)}",
        figures_table(measurements),
        _how(report.n, copies, dataset),
        "## F1 by expression",
        text_tables.markdown(
            ["model", *labels],
            [[one.card.name, *(f"{one.report.f1[label]:.1%}" for label in labels)] for one in measurements],
        ),
    ]
    if len(measurements) > 1:
        parts += [
            "## More than luck?",
            "McNemar's paired test of any two models on the same images: exact, two-sided, not corrected for the "
            "number of pairs. A small p says that the one is better than the other, and not only on these images.",
            p_values_table(measurements),
        ]
    if others := [other for one in measurements if (other := _other_labels(one))]:
        parts += [
            "## Against the votes of FER+",
            "The models that answer in FER+'s eight expressions too, counted against what more than half of the votes "
            "say. Images without such a majority, unknown ones and those that show no face are left out.",
            text_tables.markdown(["model", "images", "left out", "accuracy (95%)", "balanced", "macro-F1"], others),
        ]
    if subtle:
        parts += ["## Subtle expressions", *_subtle(subtle, dataset)]
    if robust:
        parts += section(robust, CHART)
    parts += [
        "## How each was made",
        text_tables.markdown(
            ["model", "artifact", "seed", "command"],
            [
                [one.card.name, f"`{artifact_hash(one.card)[:12]}`", str(one.card.seed), f"`{one.card.command}`"]
                for one in measurements
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _subtle(subtle: Sequence[SubtleFigures], dataset: str) -> list[str]:
    return [
        f"Images of {split_title(SPLIT, dataset)} without copies whose FER+ votes are split between neutral and one "
        "other expression (*subtle*), and images that eight of ten people call neutral. *Seen* is the share of the "
        "subtle ones that a model answers with that expression, *alarms* the share of the neutral ones that it answers "
        'with anything else, *separation* how well its probability of "neutral" separates the two at any threshold '
        "(area under the ROC curve). *Flat* is the answer under a flat prior. Made by `python -m training subtle`; the "
        "figures are in [subtle/](subtle/).",
        subtle_table(subtle, text_tables.markdown),
    ]


def write_results(
    measurements: Sequence[Measurement],
    robust: Sequence[Robustness],
    page: Path,
    subtle: Sequence[SubtleFigures] = (),
) -> None:
    """Write the page of results and, beside it, its chart."""
    write_whole(page, results_page(measurements, robust, subtle))
    if robust:
        save_chart(robust, page.with_name(CHART))


def _how(n: int, copies: str, dataset: str) -> str:
    training, choice = (split_title(split, dataset) for split in ("training", "public-test"))
    return (
        f"All {n} images are counted, and one in which no face is found is an error, so that the figures can be held "
        "against those of papers. *Faces found* is the share in which the model's feature finds a face (pixels always "
        f"do), *accuracy there* the accuracy on these alone. Copies of images in other splits: {copies}; *without "
        f"copies* leaves out those of {training}. Intervals are 95% percentile bootstrap ones. *Calibration error* is "
        "that of the faces found, over 15 bins of equal mass, its bias taken off. *Sure at 90%* is the share of them "
        f"on which the model is at least as confident as it had to be on {choice} to be right nine times in ten. "
        f"Every choice (the best epoch, the temperature, that confidence) was made on {choice} without its copies. "
        "*Parameters* are those that training fits. *ms a face* is the median processor time of one answer on one "
        "thread, the model alone, on the machine that measured it."
    )


def _other_labels(one: Measurement) -> list[str] | None:
    for report in one.other_reports:
        low, high = report.accuracy_interval
        return [
            one.card.name,
            str(report.n),
            str(report.left_out),
            f"{report.accuracy:.1%} ({low:.1%} to {high:.1%})",
            f"{report.balanced_accuracy:.1%}",
            f"{report.macro_f1:.1%}",
        ]
    return None


def write_between(path: Path, marker: str, text: str) -> None:
    """Replace the text between `<!-- marker:start -->` and `<!-- marker:end -->` in a file.

    Raises:
        TrainingError: There is no such file, or the markers are missing.
    """
    start, end = f"<!-- {marker}:start -->", f"<!-- {marker}:end -->"
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; give one with the lines {start} and {end}")
    before, found, rest = path.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise TrainingError(f"{path}: lacks the lines {start} and {end}")
    write_whole(path, f"{before}{start}\n{text}\n{end}{after}")
