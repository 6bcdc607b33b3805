import os
import subprocess
import sys
import time

import pytest

from benchmarks import machine

CORES = os.cpu_count()
BUSY = "import time; end = time.process_time() + 1.0\nwhile time.process_time() < end: pass"


@pytest.fixture
def others(monkeypatch):
    """Give the seconds that other programs have used, as they will be read one after the other."""

    def give(*seconds):
        read = iter(seconds)
        monkeypatch.setattr(machine, "_busy_s", lambda: next(read))
        monkeypatch.setattr(machine, "Ours", lambda: machine)
        monkeypatch.setattr(machine, "seconds", lambda: 0.0, raising=False)
        monkeypatch.setattr(machine, "end", lambda: None, raising=False)
        clock = iter(range(1000))
        monkeypatch.setattr(machine, "monotonic", lambda: float(next(clock)))
        monkeypatch.setattr(machine, "sleep", lambda seconds: None)

    return give


def test_a_watch_waits_until_others_leave_the_machine_alone(others):
    others(0.0, 2.0 * CORES, 2.0 * CORES, 2.0 * CORES, 3.0 * CORES)  # busy in the first glance, quiet in the second
    watch = machine.Watch(patience_s=100)
    assert watch.others() == pytest.approx(0.5)  # a second of each core in the two since


def test_a_watch_does_not_wait_for_ever(others):
    others(*(float(second * CORES) for second in range(100)))
    watch = machine.Watch(patience_s=5)
    assert "**busy" in machine.describe(watch.machine())


def test_a_watch_that_has_told_looks_no_more():
    watch = machine.Watch(patience_s=0)
    watch.machine()
    watch._ours.join(timeout=5)
    assert not watch._ours.is_alive()


def test_what_this_program_does_is_its_own():
    ours = machine.Ours()
    before = ours.seconds()
    end = time.process_time() + 1.0
    while time.process_time() < end:
        sum(range(1000))
    assert ours.seconds() - before >= 0.9


def test_what_its_children_do_is_its_own_even_if_nobody_waits_for_them():
    """A grandchild whose parent is killed before it waits is what a browser leaves behind."""
    ours = machine.Ours()
    before = ours.seconds()
    parent = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
    running = subprocess.Popen([sys.executable, "-c", parent, BUSY])
    end = time.monotonic() + 60  # on a busy machine a second of work takes long
    while ours.seconds() - before < 0.9 and time.monotonic() < end:
        time.sleep(0.1)
    running.kill()
    running.wait()
    assert ours.seconds() - before >= 0.9


@pytest.mark.parametrize(("instructions", "has"), [("AVX2, AVX512, VNNI", True), ("AVX2, no AVX512, no VNNI", False)])
def test_the_kind_of_processor(instructions, has):
    assert machine.has_vnni({"instructions": instructions}) == has


def test_a_quiet_machine_is_not_called_busy():
    assert "other programs took 4% of the cores" in machine.describe(machine.machine(0.04))
    assert "busy" not in machine.describe(machine.machine(0.04))
