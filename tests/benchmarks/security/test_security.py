import json
from pathlib import Path

import pytest

from benchmarks.faults.outcomes import Outcome
from benchmarks.machine import machine
from benchmarks.security import __main__ as security
from benchmarks.security import audit
from benchmarks.security.audit import Audit
from benchmarks.security.promises import PROMISES

ROOT = Path(__file__).resolve().parents[3]


def test_every_test_that_stands_for_a_promise_is_there():
    for promise in PROMISES:
        for test in promise.tests:
            file, _, name = test.partition("::")
            assert f"def {name}(" in (ROOT / file).read_text(), test


def report(*packages):
    return json.dumps({"dependencies": list(packages)})


WEAK = {"name": "weak", "version": "1", "vulns": [{"id": "A-1"}]}
SOUND = {"name": "sound", "version": "1", "vulns": []}
SKIPPED = {"name": "lost", "skip_reason": "Dependency not found and could not be audited"}
WHY = {"A-1": {"package": "weak", "why": "Never called."}}


def test_an_audit_in_which_every_package_was_skipped_is_none():
    """pip-audit itself calls that "No known vulnerabilities found"."""
    for content in (report(SKIPPED, SKIPPED), "", "no json", "[]"):
        assert audit.verdict(audit.read(content), {}).startswith("**not tried**")


def test_findings_are_explained_or_faults():
    given = audit.read(report(WEAK, SOUND, SKIPPED))
    assert audit.faults(given, {}) == ["weak: A-1 is not explained"]
    assert audit.verdict(given, {}).startswith("**does not hold**")
    assert audit.faults(given, WHY) == []
    assert "1 findings, each explained" in audit.verdict(given, WHY)
    assert "**1 not known there**: lost" in audit.verdict(given, WHY)


def test_an_explanation_that_outlived_its_finding_is_a_fault():
    assert audit.faults(audit.read(report(SOUND)), WHY) == ["weak: A-1 is explained but no longer found"]
    assert audit.verdict(audit.read(report(SOUND)), {}) == "1 packages asked for, nothing found"


def test_the_file_of_explanations_is_well_formed(tmp_path):
    audit.explanations()
    (tmp_path / "a.toml").write_text('["A-1"]\npackage = "weak"\n')
    with pytest.raises(ValueError, match="A-1"):
        audit.explanations(tmp_path / "a.toml")


def test_the_command_writes_its_section_and_exits_with_1_where_a_promise_is_broken(tmp_path, monkeypatch):
    monkeypatch.setattr(security, "run_tests", lambda tests: [])
    monkeypatch.setattr(audit, "audit", lambda: Audit(untried="no network"))
    for broken in ((), ("test_it: a | broke",)):
        monkeypatch.setattr(security, "outcome", lambda promise, cases, broken=broken: Outcome(3, 1.0, broken))
        with pytest.raises(SystemExit) as ended:
            security.main(["--page", str(tmp_path / "page.md")])
        assert ended.value.code == bool(broken)
        text = (tmp_path / "page.md").read_text()
        assert ("**Does not hold**: test_it" in text) == bool(broken)
        assert text.count("| **not held** |") == len(broken) * len(PROMISES)
        assert "**not tried**: no network" in text
        assert machine(0.0)["python"] in text
