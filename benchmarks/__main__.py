"""Measure Mien's speed, accuracy and size, and write docs/benchmarks.md: `python -m benchmarks`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import benchmarks_page, machine
from benchmarks.environments import ROOT
from benchmarks.peers import comparison
from benchmarks.speed import in_browser, plain_loops, scaling, stages

SECTIONS = {"peers": comparison, "loops": plain_loops, "scaling": scaling, "stages": stages, "browser": in_browser}
"""Module of each section by its name, in the order of the page: each has `TITLE`, `measure` and `describe`."""


def main(arguments: list[str] | None = None) -> None:
    """Run the sections that are named, or all of them, and rewrite the page after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section only; repeatable")
    parser.add_argument("--quick", action="store_true", help="tiny numbers, to see that it runs; writes no page")
    parser.add_argument("--data", type=Path, default=ROOT / "data/fer2013.parquet", help="dataset file")
    parser.add_argument("--kept", type=Path, default=ROOT / "runs/bench", help="folder for the figures")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks.md", help="the page")
    parser.add_argument(
        "--write-only", action="store_true", help="measure nothing; write the page from the stored figures"
    )
    given = parser.parse_args(arguments)
    data = given.data if given.data.is_file() else None
    if not data:
        print(f"{given.data} is not there: cartoon faces take its place, and accuracy is not measured.")
    kept = given.kept / "quick" if given.quick else given.kept
    place = machine.machine()  # now, so that the load is not that of the benchmarks themselves
    for name in [] if given.write_only else given.only or SECTIONS:
        print(f"{name} …", flush=True)
        figures = SECTIONS[name].measure(given.quick, data)
        benchmarks_page.save(figures, kept / f"{name}.json", place)
        print("\n\n".join(filter(None, SECTIONS[name].describe(figures))), flush=True)
        if not given.quick:
            benchmarks_page.write(SECTIONS, kept, given.out)
    if given.write_only:
        benchmarks_page.write(SECTIONS, kept, given.out)


if __name__ == "__main__":
    main()
