"""Tests that stand for a fault or a promise, run by pytest, and what their results mean for it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from benchmarks.environments import ROOT


class Tested(Protocol):
    """Anything that tests stand for: a fault, a promise."""

    tests: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """Result of the tests of one fault or promise.

    Attributes:
        tries: Number of tries: kills where a process is killed, tests elsewhere.
        seconds: Time that the tests took together.
        broken: Reasons why it does not hold, a sentence for each failed or missing test.
        untried: Reasons why tests were skipped.
        known: Reasons of tests that are expected to fail (`xfail`): a known shortfall.
        told: Measurements of the tests, in words (their property `told`).
    """

    tries: int
    seconds: float
    broken: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def verdict(self) -> str:
        """The result in a word or two, for a cell of a table; all but success in bold."""
        if self.broken or self.known:
            return "**not held**"
        return "**not tried**" if self.untried else "held"


def run_tests(tests: Iterable[str]) -> list[ElementTree.Element]:
    """Run tests once each, the slow ones too, on two processes.

    Args:
        tests: `FILE::FUNCTION` of each test.

    Returns:
        pytest's report of each case.

    Raises:
        SystemExit: pytest wrote no report.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-n", "2", "--dist", "loadfile", "-o", "junit_family=xunit1", f"--junitxml={report}"]
        subprocess.run([sys.executable, "-m", "pytest", *options, *dict.fromkeys(tests)], cwd=ROOT, check=False)
        if not report.is_file():
            raise SystemExit("pytest wrote no report; its own message is above")
        return list(ElementTree.parse(report).iter("testcase"))


def outcome(tested: Tested, cases: Iterable[ElementTree.Element]) -> Outcome:
    """Sum up pytest's report for the tests of one fault or promise.

    Args:
        tested: Fault or promise with its tests.
        cases: Test cases of the report; those of other tests are passed over.
    """
    done = [(test, case) for case in cases for test in [_test_of(case)] if test in tested.tests]
    missing = set(tested.tests) - {test for test, _ in done}
    broken = [f"{test}: was not run" for test in sorted(missing)]
    untried, known, told, tries = [], [], [], 0
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
        tries += sum(map(int, _properties(case, "tries"))) or 1
        told += _properties(case, "told")
    seconds = sum(float(case.get("time", 0)) for _, case in done)
    return Outcome(tries, round(seconds, 1), tuple(broken), tuple(dict.fromkeys(untried)), tuple(known), tuple(told))


def _properties(case: ElementTree.Element, name: str) -> list[str]:
    return [each.get("value", "") for each in case.iter("property") if each.get("name") == name]


def _test_of(case: ElementTree.Element) -> str:
    """`FILE::FUNCTION` of a test case, without its parameters."""
    return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '').partition('[')[0]}"


def _first_line(*elements: ElementTree.Element | None) -> str | None:
    for element in elements:
        if element is not None:
            return (element.get("message", "").strip().splitlines() or ["no reason given"])[0][:300]
    return None
