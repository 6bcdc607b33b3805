"""The chart of a soak and its section in docs/reliability.md."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import machine, wording
from benchmarks.measuring import spread
from benchmarks.soak.browser_visits import KIND
from benchmarks.soak.record import GROWTH_ALLOWED, WARM_S, Recording
from training import text_tables
from training.publish.robustness import COLOURS, STYLE, save_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BINS = 60


def save_chart(record: Recording, path: Path) -> None:
    """Draw the chart to an SVG file."""
    save_svg(chart(record), path)


def chart(record: Recording) -> Figure:
    """Chart of the memory of each process, and below it the 95th percentile of each kind of work, over time."""
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(11, 7), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        for number, (process, samples) in enumerate(record.memory.items()):
            seconds, held = np.array(samples).T
            above.plot(seconds / 60, held, label=process, color=COLOURS[number % len(COLOURS)])
        for number, (kind, samples) in enumerate(record.latencies.items()):
            below.plot(*_slowest(samples), label=kind, color=COLOURS[number % len(COLOURS)], marker=".")
        above.set_ylim(bottom=0)
        above.set_ylabel("memory, MB")
        below.set_yscale("log")
        below.set_ylabel("95th percentile, ms")
        below.set_xlabel("minutes")
        for panel in (above, below):
            panel.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        for time_s, *_ in record.errors:
            below.axvline(time_s / 60, color="#C00000", linewidth=0.8)
    return figure


def _slowest(samples: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Times in minutes, and the 95th percentile of the latencies around each."""
    moments, taken = np.array(samples).T
    bins = np.linspace(0, moments.max() + 1e-9, _BINS + 1)
    place = np.digitize(moments, bins)
    filled = np.unique(place)
    middles = [(bins[number - 1] + bins[number]) / 2 / 60 for number in filled]
    return middles, [float(np.percentile(taken[place == number], 95)) for number in filled]


def _browsers(record: Recording) -> str:
    if KIND in record.latencies:
        return " Visitors come to a Chromium on the same machine, whose own browser reads ten pictures a second."
    return (
        " **No visitor's own browser read anything**: this machine lacks Chromium, or the runtime that "
        "`python -m webapp.browser.runtime` fetches."
    )


def section(record: Recording, minutes: float, chart_name: str, place: Mapping) -> list[str]:
    """Write the page's section.

    Args:
        record: Recording of the soak.
        minutes: Length that was asked for.
        chart_name: File name of the chart, beside the page.
        place: Machine that it ran on, from `machine.machine`.

    Returns:
        Paragraphs in Markdown.
    """
    rows = [
        [
            kind,
            f"{len(samples):,}",
            wording.figure(times["median"]),
            wording.figure(times["p95"]),
            wording.figure(worst),
        ]
        for kind, samples in record.latencies.items()
        for times, worst in [(spread(ms for _, ms in samples), max(ms for _, ms in samples))]
    ]
    grown = record.growth()
    held = [
        [
            process,
            *(f"{megabytes:,.0f}" for megabytes in (samples[0][1], samples[-1][1], max(mb for _, mb in samples))),
            f"{grown[process]:+.1%}" if process in grown else "",
        ]
        for process, samples in record.memory.items()
    ]
    faults = record.faults()
    verdict = "No errors, and no growth of memory." if grown else "No errors; too short to tell of memory."
    if faults:
        verdict = f"**Not fit**: {len(faults)} faults."
    return [
        f"Mixed use of one machine for {minutes:g} minutes by `make soak MINUTES={minutes:g}`: photos read by two "
        "threads (a tenth of them broken, which must be refused), live streams with and without mesh whose viewers "
        "come and go, a queue of clips as the Video page reads them (one in three is no clip, and must be refused), "
        "visits to every page of a running studio, and beside them one video job and one training run after the "
        f"other, each in a process of its own.{_browsers(record)} glibc's allocator was "
        f"{'set as `make app` sets it' if 'MALLOC_ARENA_MAX' in os.environ else '**not** set as `make app` sets it'}. "
        f"{verdict}",
        *(f"- {fault}" for fault in faults[:20]),
        f"![Memory and latency over {minutes:g} minutes]({chart_name})",
        text_tables.markdown(["", "times", "median, ms", "95th percentile", "slowest"], rows),
        f"Growth is the median of the last fifth over that of the first, of the time after {WARM_S:.0f} seconds; more "
        f"than {GROWTH_ALLOWED:.0%} fails.",
        text_tables.markdown(["process", "MB at first", "at the end", "most", "growth"], held),
        f"*Measured {machine.describe(place)}.*",
    ]
