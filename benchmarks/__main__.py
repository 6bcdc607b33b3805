"""Measure speed, accuracy and size, write docs/benchmarks.md and a table of the README: `python -m benchmarks`."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import ModuleType

from benchmarks import benchmarks_page, machine
from benchmarks.environments import ROOT
from benchmarks.peers import comparison
from benchmarks.speed import in_browser, plain_loops, scaling, stages, viewers
from core.runtime.files import write_whole
from training.publish.results_page import write_between

SECTIONS: dict[str, ModuleType] = {
    "peers": comparison,
    "loops": plain_loops,
    "scaling": scaling,
    "stages": stages,
    "viewers": viewers,
    "browser": in_browser,
}
"""Module of each section by its name, in the order of the page: each has `TITLE`, `measure` and `describe`."""

TRIES = 3
"""How often a section is measured until no other program disturbs it; the least disturbed one counts."""


def measured(section: ModuleType, quick: bool, data: Path | None) -> tuple[dict, dict]:
    """Measure a section, anew where other programs kept the machine busy.

    Args:
        section: Module with `measure`.
        quick: Whether tiny numbers and one try are enough.
        data: Dataset file, or None.

    Returns:
        The section's figures, and the machine with what other programs took (`machine.machine`).
    """
    tries: list[tuple[dict, dict]] = []
    while len(tries) < (1 if quick else TRIES):
        watch = machine.Watch(0 if quick else None)
        figures = section.measure(quick, data)
        tries.append((figures, watch.machine()))
        taken = tries[-1][1]["others"]
        if taken <= machine.QUIET:
            break
        print(f"Other programs took {taken:.0%} of the cores.", flush=True)
    return min(tries, key=lambda each: each[1]["others"])


def main(arguments: list[str] | None = None) -> None:
    """Run the sections that are named, or all of them, and rewrite the page after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section only; repeatable")
    parser.add_argument("--quick", action="store_true", help="tiny numbers, to see that it runs; writes no page")
    parser.add_argument("--data", type=Path, default=ROOT / "data/fer2013.parquet", help="dataset file")
    parser.add_argument("--kept", type=Path, default=ROOT / "docs/benchmarks", help="folder for the figures")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks.md", help="the page")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md", help="the README, for a short table")
    parser.add_argument(
        "--write-only", action="store_true", help="measure nothing; write the page from the stored figures"
    )
    given = parser.parse_args(arguments)
    data = given.data if given.data.is_file() else None
    if not data and not given.write_only:
        print(f"{given.data} is not there: cartoon faces take its place, and accuracy is not measured.")
    kept = ROOT / "runs/bench-quick" if given.quick else given.kept
    for name in [] if given.write_only else given.only or SECTIONS:
        print(f"{name} …", flush=True)
        figures, place = measured(SECTIONS[name], given.quick, data)
        benchmarks_page.save(figures, benchmarks_page.path_of(name, kept, place), place)
        print("\n\n".join(filter(None, SECTIONS[name].describe(figures))), flush=True)
        if not given.quick:
            write(given.kept, given.out, given.readme)
    if given.write_only:
        write(given.kept, given.out, given.readme)


def write(kept: Path, page: Path, readme: Path) -> None:
    """Write the page, and what the README says of other programs, from the stored figures in `kept`."""
    write_whole(page, benchmarks_page.text(SECTIONS, kept))
    write_between(readme, "peers", benchmarks_page.claims(kept))


if __name__ == "__main__":
    main()
