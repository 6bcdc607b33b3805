import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.faults import __main__ as faults
from benchmarks.faults.__main__ import section
from benchmarks.faults.fault import Fault
from benchmarks.faults.fault_list import FAULTS
from benchmarks.faults.outcomes import Outcome, outcome
from benchmarks.machine import machine

ROOT = Path(__file__).resolve().parents[3]
FAULT = Fault("kind", "done", "holds", ("tests/a/test_b.py::test_c", "tests/a/test_b.py::test_d"))

REPORT = """
<testsuite>
  <testcase classname="tests.a.test_b" name="test_c[1]" time="1.5">
    <properties><property name="tries" value="5"/><property name="told" value="it held 7 MB"/></properties>
  </testcase>
  <testcase classname="tests.a.test_b" name="test_c[2]" time="0.5"/>
  <testcase classname="tests.a.test_b" name="test_other" time="9"><failure message="another's"/></testcase>
  <testcase classname="tests.a.test_b" name="test_d" time="1">{end}</testcase>
</testsuite>
"""


def report(end=""):
    return list(ElementTree.fromstring(REPORT.format(end=end)).iter("testcase"))


def test_all_passed():
    came = outcome(FAULT, report())
    assert came == Outcome(7, 3.0, told=("it held 7 MB",))
    assert came.verdict() == "held"
    assert "- `camera`: it held 7 MB." in section({"camera": came}, machine(0.0))


@pytest.mark.parametrize(
    ("end", "told", "why"),
    [
        ('<failure message="assert 1 == 2&#10;more"/>', "**not held**", "tests/a/test_b.py::test_d: assert 1 == 2"),
        ('<error message="it hung"/>', "**not held**", "tests/a/test_b.py::test_d: it hung"),
        ('<skipped type="pytest.xfail" message="known"/>', "**not held**", "known"),
        ('<skipped type="pytest.skip" message="no detector"/>', "**not tried**", "no detector"),
    ],
)
def test_one_did_not(end, told, why):
    came = outcome(FAULT, report(end))
    assert came.verdict() == told
    assert came.broken + came.known + came.untried == (why,)
    text = "\n".join(section({"kill-import": came}, machine(0.0)))
    assert why in text
    assert told in text


def test_a_test_that_is_gone_does_not_hold():
    assert outcome(FAULT, report()[:3]).broken == ("tests/a/test_b.py::test_d: was not run",)


def test_every_fault_names_tests_that_there_are():
    for fault in FAULTS.values():
        for test in fault.tests:
            file, _, name = test.partition("::")
            assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE), test


def test_one_alone_keeps_what_came_of_the_others(tmp_path, monkeypatch):
    page, kept = tmp_path / "page.md", tmp_path / "kept.json"
    where = ["--page", str(page), "--kept", str(kept)]
    monkeypatch.setattr(faults, "run", lambda names: {name: Outcome(1, 2.0) for name in names})
    with pytest.raises(SystemExit) as ended:
        faults.main(where)
    assert not ended.value.code
    assert f"{len(FAULTS)} of {len(FAULTS)} faults hold" in page.read_text()
    monkeypatch.setattr(faults, "run", lambda names: {name: Outcome(1, 2.0, ("broke",)) for name in names})
    with pytest.raises(SystemExit) as ended:
        faults.main([*where, "--only", "camera"])
    assert ended.value.code
    assert f"{len(FAULTS) - 1} of {len(FAULTS)} faults hold" in page.read_text()
    assert "`camera` **does not hold**: broke" in page.read_text()
