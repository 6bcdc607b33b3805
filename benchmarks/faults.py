"""Things that go wrong, one after the other, and what came of it: `python -m benchmarks.faults [--only NAME]`.

Each fault is done by tests of the project, those marked slow included; a fault holds if all of them pass.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from benchmarks import machine, reliability
from benchmarks.fault_list import FAULTS
from benchmarks.peer_list import ROOT
from core.runtime.files import replacing
from training import text_tables

KEPT = ROOT / "runs/bench/faults.json"


class Tested(Protocol):
    """What tests stand for."""

    tests: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a fault.

    Attributes:
        tries: How often it was done: kills, where it is killed, else tests.
        seconds: It took.
        broken: Why it did not hold, a sentence for each test.
        untried: Why it was not done, likewise.
        known: Why it does not hold and is left so, likewise: pytest expects it.
    """

    tries: int
    seconds: float
    broken: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    def told(self) -> str:
        """One cell."""
        if self.broken or self.known:
            return "**not held**"
        return "**not tried**" if self.untried else "held"


def run(names: Iterable[str]) -> dict[str, Outcome]:
    """Do some of `FAULTS`; the outcome of each."""
    cases = run_tests(test for name in names for test in FAULTS[name].tests)
    return {name: outcome(FAULTS[name], cases) for name in names}


def run_tests(tests: Iterable[str]) -> list[ElementTree.Element]:
    """Run some tests, each once, the slow ones too; pytest's report of each case."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-n", "2", "--dist", "loadfile", "-o", "junit_family=xunit1", f"--junitxml={report}"]
        subprocess.run([sys.executable, "-m", "pytest", *options, *dict.fromkeys(tests)], cwd=ROOT, check=False)
        if not report.is_file():
            raise SystemExit("pytest told nothing; see above")
        return list(ElementTree.parse(report).iter("testcase"))


def outcome(fault: Tested, cases: Iterable[ElementTree.Element]) -> Outcome:
    """What became of the tests of a fault, or of anything that names some, as pytest's report tells."""
    done = [(test, case) for case in cases for test in [_test_of(case)] if test in fault.tests]
    missing = set(fault.tests) - {test for test, _ in done}
    broken = [f"{test}: was not run" for test in sorted(missing)]
    untried, known, tries = [], [], 0
    for test, case in done:
        skipped = case.find("skipped")
        why = _first_line(case.find("failure"), case.find("error"))
        if why is not None:
            broken.append(f"{test}: {why}")
        elif skipped is not None and skipped.get("type") == "pytest.xfail":
            known.append(skipped.get("message", ""))
        elif skipped is not None:
            untried.append(skipped.get("message", ""))
            continue
        told = [int(each.get("value")) for each in case.iter("property") if each.get("name") == "tries"]
        tries += sum(told) or 1
    seconds = sum(float(case.get("time", 0)) for _, case in done)
    return Outcome(tries, round(seconds, 1), tuple(broken), tuple(dict.fromkeys(untried)), tuple(known))


def section(outcomes: Mapping[str, Outcome], place: Mapping) -> list[str]:
    """Paragraphs for `reliability.write`."""
    rows, notes = [], []
    for name, fault in FAULTS.items():
        came = outcomes.get(name)
        if came is None:
            rows.append([f"`{name}`", fault.title, fault.done, fault.holds, "**not tried**", "", ""])
            continue
        cells = [fault.title, fault.done, fault.holds, came.told(), str(came.tries), f"{came.seconds:.0f}"]
        rows.append([f"`{name}`", *cells])
        notes += [f"- `{name}` **does not hold**: {why}" for why in (*came.broken, *came.known)]
        notes += [f"- `{name}` **was not tried** in part or whole: {why}" for why in came.untried]
    held = sum(came.told() == "held" for came in outcomes.values())
    verdict = f"{held} of {len(FAULTS)} faults hold."
    return [
        "Each fault is done by tests of the project, by `python -m benchmarks.faults`, and one of them by "
        f"`python -m benchmarks.faults --only NAME`. {verdict}",
        text_tables.markdown(["", "fault", "what is done", "what must hold", "outcome", "tries", "seconds"], rows),
        *notes,
        "What a kill does take: a recording on the Live page, which is held in memory so that no reading of a visitor "
        "lies on a disk, ends with the studio. What a kill may leave: hidden files and folders beside the target, "
        "`.NAME.*`, which nothing reads and which may be deleted.",
        f"*Tried {machine.tell(dict(place))}.*",
    ]


def main(arguments: list[str] | None = None) -> None:
    """Do faults, keep what came of them, and write all that is kept into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--only", choices=FAULTS, action="append", help="one of them; may be given again")
    parser.add_argument("--page", type=Path, default=reliability.PAGE)
    parser.add_argument("--kept", type=Path, default=KEPT, help="file for what came of each")
    given = parser.parse_args(arguments)
    place = machine.machine()  # the load before, not that of the faults themselves
    fresh = run(given.only or FAULTS)
    outcomes = (_kept(given.kept) if given.only else {}) | fresh
    given.kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(given.kept) as partial:
        partial.write_text(json.dumps({name: asdict(came) for name, came in outcomes.items()}, indent=2) + "\n")
    reliability.write("faults", section(outcomes, place), given.page)
    for name, came in fresh.items():
        print(
            f"{name}: {came.told()} ({came.tries} tries, {came.seconds:.0f} s)",
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


def _test_of(case: ElementTree.Element) -> str:
    """`FILE::FUNCTION` of a test case, without its parameters."""
    return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '').partition('[')[0]}"


def _first_line(*elements: ElementTree.Element | None) -> str | None:
    for element in elements:
        if element is not None:
            return (element.get("message", "").strip().splitlines() or ["no reason given"])[0][:300]
    return None


if __name__ == "__main__":
    main()
