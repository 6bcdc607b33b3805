import threading
from contextlib import ExitStack

import pytest

from benchmarks.machine import machine
from benchmarks.soak import __main__ as soak
from benchmarks.soak import browser_visits, report
from benchmarks.soak.record import Recording
from benchmarks.soak.work import Worker, live, photos, working
from core.recognizer import Recognizer


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def recording(megabytes, **more):
    """One that held so much, ten seconds after another."""
    clock = Clock()
    record = Recording(clock)
    for number, held in enumerate(megabytes):
        clock.now = 10.0 * number
        record.holds("engine", held, **more)
        with record.timed("photo"):
            clock.now += 0.25
    return record


def test_steady_memory_is_fit_however_it_began():
    record = recording([*range(50, 100, 5), *[100] * 40, 104])
    assert record.growth() == {"engine": 0}
    assert record.faults() == []


def test_too_short_a_soak_tells_nothing_of_memory():
    record = recording(range(100, 115))
    assert record.growth() == {}
    assert "too short" in "\n".join(report.section(record, 2, "soak.svg", machine(0.0)))


def test_a_leak_is_a_fault():
    (fault,) = recording(range(100, 150)).faults()
    assert fault.startswith("engine grew by ")


def test_memory_of_what_comes_and_goes_is_not_judged():
    assert recording(range(100, 150), lasts=False).faults() == []


def test_an_error_is_a_fault_and_the_soak_goes_on():
    record = recording([100] * 40)
    with record.timed("page"):
        raise ValueError("it broke")
    (fault,) = record.faults()
    assert fault == "page failed after 390 s: ValueError: it broke"
    assert "page" not in record.latencies


def test_latencies_are_in_milliseconds():
    assert recording([1, 2]).latencies["photo"] == [(0.0, 250.0), (10.0, 250.0)]


def test_the_section_says_what_went_wrong():
    told = "\n".join(report.section(recording(range(100, 150)), 7, "soak.svg", machine(0.0)))
    assert "**Not fit**: 1 fault" in told
    assert "for 7 minutes" in told


def test_the_chart_shows_every_process_and_kind(tmp_path):
    record = recording([100] * 20)
    record.errors.append((3.0, "photo", "broke"))
    report.save_chart(record, tmp_path / "soak.svg")
    above, below = report.chart(record).axes
    assert [line.get_label() for line in above.lines] == ["engine"]
    assert len(below.lines) == 2  # the photos, and where it broke
    assert (tmp_path / "soak.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("faulty", [False, True])
def test_the_command_exits_with_1_after_a_fault(faulty, tmp_path, monkeypatch):
    record = recording(range(100, 150) if faulty else [100] * 20)
    monkeypatch.setattr(soak, "soak", lambda minutes, folder: record)
    page, kept = tmp_path / "page.md", tmp_path / "kept" / "soak.json"
    with pytest.raises(SystemExit) as ended:
        soak.main(["--minutes", "1", "--page", str(page), "--kept", str(kept)])
    assert ended.value.code == faulty
    assert page.is_file()
    assert kept.is_file()
    assert (tmp_path / "soak.svg").is_file()


def test_photos_and_live_frames_are_read_without_an_error(detector):
    recognizer, record, over = Recognizer(), Recording(), threading.Event()
    stack = ExitStack()
    steps = [photos(recognizer, record), live(recognizer, record, False, stack)]
    for _ in range(10):  # of the photos the last is the broken one
        for step in steps:
            step()
    assert record.errors == []
    assert {kind: len(samples) for kind, samples in record.latencies.items()} == {"photo": 10, "live frame": 10}
    with working([Worker(step, over) for step in steps], over):
        pass
    assert over.is_set()
    stack.close()


@pytest.mark.slow
def test_a_whole_soak(detector, mesh, movements, tmp_path):
    record = soak.soak(0.5, tmp_path)
    assert record.errors == []
    kinds = {"photo", "live frame", "live frame, mesh", "two clips in a queue", "page", "video job", "training run"}
    assert set(record.latencies) - {browser_visits.KIND} == kinds  # a browser needs Chromium, and some time to begin
