"""Read random and altered pictures, to see that none does harm: `python -m benchmarks.fuzz [--count N] [--seed N]`.

Writes a section of docs/reliability.md and keeps every input that does harm; exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from benchmarks import machine, reliability_page
from benchmarks.environments import ROOT, NotInstallable
from benchmarks.fuzz import guided
from benchmarks.fuzz.guided import Guided
from benchmarks.fuzz.inputs import KINDS, Inputs
from benchmarks.fuzz.targets import TARGETS
from benchmarks.soak.record import GROWTH_ALLOWED
from training import text_tables

SLOW_S = 2.0
"""Seconds after which a picture of up to a megapixel counts as a hang; each further megapixel allows as much again."""

READER = ("-m", "benchmarks.fuzz.reader")

_PATIENCE_S = 120.0  # time for one input, after which its process is ended
_ROUNDS, _A_ROUND = 6, 300


@dataclass
class Read:
    """Results of reading the inputs.

    Attributes:
        rows: Line of `benchmarks.fuzz.reader` for each input, by the input's number.
        faults: Sentence about each input that did harm, by its number.
        seconds: Time for all of them.
    """

    rows: dict[int, dict] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0


def read(seed: int, count: int) -> Read:
    """Read inputs in a separate process, and in a new one after an input has killed it.

    Args:
        seed: Seed of the inputs.
        count: Number of inputs.
    """
    done, began, left = Read(), time.monotonic(), list(range(count))
    while left:
        rows = {row["number"]: row for row in _results(seed, left)}
        done.rows |= rows
        if len(rows) < len(left):
            done.faults[left[len(rows)]] = "it killed the process, or never came to an end"
        left = left[len(rows) + 1 :]
    done.faults |= {number: row["fault"] for number, row in done.rows.items() if row["fault"]}
    slow = [number for number, row in done.rows.items() if _is_slow(row)]
    again = {row["number"]: row for row in _results(seed, slow)} if slow else {}
    for number in slow:
        if number not in again or _is_slow(again[number]):
            done.faults[number] = f"took {done.rows[number]['seconds']:.1f} s, and too long again when it was alone"
        else:
            done.rows[number] = again[number]
    done.seconds = time.monotonic() - began
    return done


def growth(seed: int, count: int) -> float:
    """Measure whether memory grows while one process reads the same inputs again and again.

    New inputs would not do: memory grows with the largest picture so far, which is no leak.

    Args:
        seed: Seed of the inputs.
        count: Number of inputs that were read before; at most 300 of them are read again.

    Returns:
        Median memory of the last round over that of the second, less 1. In the first round libraries are loaded.
    """
    one = min(count, _A_ROUND)
    held = [row["resident"] for row in _results(seed, [*range(one)] * _ROUNDS)]
    if len(held) < one * _ROUNDS:
        return float("inf")
    return float(np.median(held[-one:]) / np.median(held[one : 2 * one]) - 1)


def _is_slow(row: dict) -> bool:
    return row["seconds"] > SLOW_S * max(1.0, row["megapixels"])


def _results(seed: int, numbers: Sequence[int]) -> Iterator[dict]:
    """Lines of a reader about some inputs, until it ends or is silent for too long."""
    command = [sys.executable, *READER, str(seed), *map(str, numbers)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=listen, daemon=True).start()
    try:
        if not lines.get(timeout=_PATIENCE_S):
            raise RuntimeError(f"The reader does not start: {' '.join(command[:5])} …")
        while line := lines.get(timeout=_PATIENCE_S):
            yield json.loads(line)
    except queue.Empty:
        return
    finally:
        process.kill()
        process.wait()


def keep(done: Read, seed: int, folder: Path) -> None:
    """Write the inputs that did harm to a folder, each under its seed and number."""
    inputs = Inputs(seed)
    for number in done.faults:
        (folder / f"read-{seed}-{number}").write_bytes(inputs.make(number)[1])


def guide_all(seconds: int, seed: int, folder: Path) -> tuple[list[Guided], str]:
    """Fuzz every kind of file under guidance.

    Args:
        seconds: Time for each kind.
        seed: Seed of libFuzzer's random numbers.
        folder: Folder that keeps the inputs that do harm.

    Returns:
        Result of each kind, and the reason why none was tried, or "".
    """
    try:
        guided.install()
    except NotInstallable as error:
        return [], str(error)
    return [guided.guide(kind, seconds, seed, folder) for kind in TARGETS], ""


def section(figures: dict) -> list[str]:
    """Write the page's section as paragraphs in Markdown from the stored figures."""
    return [*_read_section(figures), *_guided_section(figures), f"*Measured {machine.describe(figures['machine'])}.*"]


def _read_section(figures: dict) -> list[str]:
    rows, faults, growth = figures["rows"], figures["faults"], figures["growth"]
    table = []
    for kind in KINDS:
        mine = [row for row in rows if row["kind"] == kind]
        if mine:
            came = Counter(row["outcome"] for row in mine)
            slowest = max(row["seconds"] for row in mine)
            table.append(
                [kind, *(f"{value:,}" for value in (len(mine), came["read"], came["refused"])), f"{slowest:.2f}"]
            )
    small = [row for row in rows if row["megapixels"] <= 1]
    large = [row for row in rows if row["megapixels"] > 1]
    verdict = "None crashed, hung, or raised anything but Mien's own errors." if not faults else (
        f"**{len(faults)} of them did harm**, listed below."
    )  # fmt: skip
    grown = f"Memory changed by {growth:+.1%}, from the second round to the last, while {_A_ROUND} of them were read "
    grown += f"{_ROUNDS} times over"
    return [
        f"{figures['count']:,} random and mutated pictures (seed {figures['seed']}) went through `Recognizer.read`, as "
        f"a user's file does, in {figures['seconds']:.0f} s. {verdict} "
        + (f"{grown}." if growth <= GROWTH_ALLOWED else f"**{grown}**; at most {GROWTH_ALLOWED:.0%} are allowed."),
        "They are made from PNG, JPEG, WebP, GIF, BMP, TIFF, PPM, JPEG 2000, AVIF and HEIC in all modes: 16 bit, "
        "floats, CMYK, palette, one pixel, a line, animated, pages; and from SVG and EPS, which Mien refuses.",
        text_tables.markdown(["pictures", "number", "read", "refused", "slowest, s"], table),
        f"A hang is more than {SLOW_S:g} s for up to a megapixel, and as much for each further one; what took longer "
        f"is tried again alone, and that counts. Up to a megapixel the slowest took {_slowest(small)}. "
        + (
            f"**Whole pictures of more than a megapixel take longer: {_slowest(large)}**, since the search for small "
            "faces tries as many tiles as in a photo of twelve megapixels."
            if max((row["seconds"] for row in large), default=0) > SLOW_S
            else f"Of the larger ones, {_slowest(large)}."
        ),
        *(f"- **Input {number}**: {fault}" for number, fault in list(faults.items())[:20]),
    ]


def _slowest(rows: list[dict]) -> str:
    if not rows:
        return "no time, as there was none"
    worst = max(rows, key=lambda row: row["seconds"])
    return f"{worst['seconds']:.1f} s ({worst['megapixels']:.1f} megapixels, {worst['faces']} faces)"


def _guided_section(figures: dict) -> list[str]:
    if figures["untried"]:
        return [f"**Fuzzing under guidance was not tried**: {figures['untried']}."]
    rows = [
        [
            each.kind,
            *(f"{value:,}" for value in (each.runs, each.covered, each.kept)),
            f"**{each.fault}**" if each.fault else "none",
        ]
        for each in (Guided(**row) for row in figures["guided"])
    ]
    return [
        f"Under the guidance of coverage (Atheris), {figures['guided_s']} s for each reader of a file that strangers "
        "make; an input that reaches new code, in Mien or in Pillow's and Python's own readers, is altered further.",
        text_tables.markdown(["file", "inputs", "places reached", "kept", "findings"], rows),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Read the pictures, fuzz under guidance, write the section, and exit with 1 if anything did harm."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="pictures to read")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=15, help="time under guidance for each kind of file")
    parser.add_argument("--page", type=Path, default=reliability_page.PAGE, help="the page to write into")
    parser.add_argument("--kept", type=Path, default=ROOT / "runs/fuzz", help="folder for figures and findings")
    given = parser.parse_args(arguments)
    given.kept.mkdir(parents=True, exist_ok=True)
    watch = machine.Watch()
    done = read(given.seed, given.count)
    keep(done, given.seed, given.kept)
    grown = growth(given.seed, given.count)
    tried, untried = guide_all(given.seconds, given.seed, given.kept)
    figures = {
        "machine": watch.machine(), "count": given.count, "seed": given.seed, "seconds": done.seconds, "growth": grown,
        "rows": list(done.rows.values()), "faults": done.faults, "untried": untried, "guided_s": given.seconds,
        "guided": [asdict(each) for each in tried],
    }  # fmt: skip
    (given.kept / "fuzz.json").write_text(json.dumps(figures) + "\n")
    reliability_page.write("fuzzing", section(figures), given.page)
    faults = [f"input {number}: {fault}" for number, fault in done.faults.items()]
    faults += [f"{each.kind}: {each.fault}" for each in tried if each.fault]
    if grown > GROWTH_ALLOWED:
        faults.append(f"memory grew by {grown:.0%}")
    print("\n".join(faults) or "nothing found", file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
