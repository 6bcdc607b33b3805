"""Faults made on purpose, one after the other, and the outcome of each: `python -m benchmarks.faults [--only NAME]`.

Tests of the project make each fault, those marked slow included; a fault holds if all of its tests pass.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks import machine, reliability_page
from benchmarks.environments import ROOT
from benchmarks.faults.fault_list import FAULTS
from benchmarks.faults.outcomes import Outcome, outcome, run_tests
from core.runtime.files import write_whole
from training import text_tables

KEPT = ROOT / "runs/bench/faults.json"
"""File with the last outcome of each fault."""


def run(names: Iterable[str]) -> dict[str, Outcome]:
    """Make some of `FAULTS`, by name, and give the outcome of each."""
    cases = run_tests(test for name in names for test in FAULTS[name].tests)
    return {name: outcome(FAULTS[name], cases) for name in names}


def section(outcomes: Mapping[str, Outcome], place: Mapping) -> list[str]:
    """Write the page's section.

    Args:
        outcomes: Outcome of each fault by name; the others count as not tried.
        place: Machine that they were tried on, from `machine.machine`.

    Returns:
        Paragraphs in Markdown.
    """
    rows, notes = [], []
    for name, fault in FAULTS.items():
        came = outcomes.get(name)
        if came is None:
            rows.append([f"`{name}`", fault.title, fault.done, fault.holds, "**not tried**", "", ""])
            continue
        cells = [fault.title, fault.done, fault.holds, came.verdict(), str(came.tries), f"{came.seconds:.0f}"]
        rows.append([f"`{name}`", *cells])
        notes += [f"- `{name}` **does not hold**: {why}" for why in (*came.broken, *came.known)]
        notes += [f"- `{name}` **was not tried** in part or whole: {why}" for why in came.untried]
        notes += [f"- `{name}`: {'; '.join(came.told)}."] if came.told else []
    held = sum(came.verdict() == "held" for came in outcomes.values())
    verdict = f"{held} of {len(FAULTS)} faults hold."
    return [
        "Tests of the project make each fault: all of them by `python -m benchmarks.faults`, one by "
        f"`python -m benchmarks.faults --only NAME`. {verdict}",
        text_tables.markdown(["", "fault", "what is done", "what must hold", "outcome", "tries", "seconds"], rows),
        *notes,
        "A kill of the studio loses a recording of the Live page, which is held in memory so that no reading of a "
        "visitor is stored on a disk. A kill may leave hidden files and folders beside the target, `.NAME.*`, which "
        "nothing reads and which may be deleted.",
        f"*Tried {machine.describe(place)}.*",
    ]


def main(arguments: list[str] | None = None) -> None:
    """Make the faults, keep the outcomes, and write the section from all that are kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--only", choices=FAULTS, action="append", help="this fault only; repeatable")
    parser.add_argument("--page", type=Path, default=reliability_page.PAGE, help="the page to write into")
    parser.add_argument("--kept", type=Path, default=KEPT, help="file for the outcomes")
    given = parser.parse_args(arguments)
    watch = machine.Watch()
    fresh = run(given.only or FAULTS)
    outcomes = (_kept(given.kept) if given.only else {}) | fresh
    given.kept.parent.mkdir(parents=True, exist_ok=True)
    write_whole(given.kept, json.dumps({name: asdict(came) for name, came in outcomes.items()}, indent=2) + "\n")
    reliability_page.write("faults", section(outcomes, watch.machine()), given.page)
    for name, came in fresh.items():
        print(
            f"{name}: {came.verdict()} ({came.tries} tries, {came.seconds:.0f} s)",
            *came.broken,
            *came.known,
            *came.untried,
            sep="\n  ",
        )
    sys.exit(any(came.broken for came in fresh.values()))


def _kept(path: Path) -> dict[str, Outcome]:
    if not path.is_file():
        return {}
    return {name: Outcome(**fields) for name, fields in json.loads(path.read_text()).items() if name in FAULTS}


if __name__ == "__main__":
    main()
