import time

import pytest

from benchmarks.machine import machine
from benchmarks.soak import browser_visits, report
from benchmarks.soak.record import Recording


@pytest.mark.slow
@pytest.mark.needs("detector", "litert")
def test_visitors_come_until_the_end(monkeypatch):
    if not browser_visits.program():
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    record = Recording()
    with browser_visits.browser_visits(record) as pid:
        while browser_visits.KIND not in record.latencies and record.seconds() < 120:
            time.sleep(0.5)
    assert pid
    assert all(ms > 0 for _, ms in record.latencies[browser_visits.KIND])
    assert not record.errors
    assert "own browser reads" in "\n".join(report.section(record, 1, "soak.svg", machine(0.0)))


def test_a_browser_that_ends_is_a_fault(monkeypatch):
    monkeypatch.setattr(browser_visits, "program", lambda: "chromium")
    monkeypatch.setattr(browser_visits.site, "can_be_had", lambda: True)
    monkeypatch.setattr(browser_visits.sys, "executable", "false")
    record = Recording()
    with browser_visits.browser_visits(record):
        time.sleep(0.5)
    assert [kind for _, kind, _ in record.errors] == [browser_visits.KIND]


@pytest.mark.parametrize(("program", "has_runtime"), [(None, True), ("chromium", False)])
def test_where_no_browser_can_read_the_section_says_so(monkeypatch, program, has_runtime):
    monkeypatch.setattr(browser_visits, "program", lambda: program)
    monkeypatch.setattr(browser_visits.site, "can_be_had", lambda: has_runtime)
    record = Recording()
    with browser_visits.browser_visits(record) as pid:
        assert pid is None
    assert "**No visitor's own browser" in "\n".join(report.section(record, 1, "soak.svg", machine(0.0)))
