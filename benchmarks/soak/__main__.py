"""Use everything at once for some minutes, to see what fails, slows down or grows: `python -m benchmarks.soak`.

Writes a chart and a section of docs/reliability.md; exits with 1 after any error and if memory grew.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import machine, reliability_page
from benchmarks.environments import ROOT
from benchmarks.measuring import family, proportional_bytes, resident_bytes
from benchmarks.soak import report
from benchmarks.soak.browser_visits import browser_visits
from benchmarks.soak.record import Recording
from benchmarks.soak.studio import Studio
from benchmarks.soak.work import (
    FRAMES_A_SECOND,
    PHOTOS_A_SECOND,
    Worker,
    live,
    pages,
    photos,
    queue,
    trainings,
    videos,
    working,
)
from core.recognizer import Recognizer

LEAST_S = 1.0  # shortest time between two measurements of memory


def soak(minutes: float, folder: Path, say=print) -> Recording:
    """Use everything at once.

    Args:
        minutes: Length of the soak.
        folder: Empty folder for clips, datasets, runs and logs.
        say: Function that prints progress.
    """
    recognizer, over = Recognizer(), threading.Event()
    with ExitStack() as stack:
        studio = stack.enter_context(Studio(folder / "studio.log"))
        record = Recording()
        steps = [(photos(recognizer, record), PHOTOS_A_SECOND) for _ in range(2)]
        steps += [(live(recognizer, record, mesh, stack), FRAMES_A_SECOND) for mesh in (False, True)]
        steps += [(pages(studio, record), 0.5), (videos(folder, record), 1.0), (trainings(folder, record), 1.0)]
        steps += [(queue(recognizer, folder, record), 0.1)]
        browser = stack.enter_context(browser_visits(record))
        stack.enter_context(working([Worker(step, over, often) for step, often in steps], over))
        say(f"{minutes:g} minutes …")
        pause = max(LEAST_S, minutes * 60 / 600)
        while record.seconds() < minutes * 60:
            watch(record, studio.pid, browser)
            time.sleep(pause)
    return record


def watch(record: Recording, studio: int, browser: int | None) -> None:
    """Note the memory of this process, of the studio, of the browser, and of the jobs beside them.

    Args:
        record: Recording to add to.
        studio: Process id of the studio's server.
        browser: Process id of what runs the browser, or None.
    """
    us, server = os.getpid(), set(family(studio))
    visitors = set(family(browser)) if browser else set()
    jobs = [pid for pid in family(us) if pid != us and pid not in server | visitors]
    record.holds("engine: photos, live streams and a queue of clips", resident_bytes(us) / 1e6)
    record.holds("studio", sum(map(resident_bytes, server)) / 1e6)
    if browser:
        record.holds("browser, with the server of its files", sum(map(proportional_bytes, visitors)) / 1e6)
    record.holds("video job and training run", sum(map(resident_bytes, jobs)) / 1e6, lasts=False)


def main(arguments: list[str] | None = None) -> None:
    """Soak, write chart and section, and exit with 1 if anything failed or grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the soak")
    parser.add_argument("--page", type=Path, default=reliability_page.PAGE, help="the page to write into")
    parser.add_argument("--kept", type=Path, default=ROOT / "runs/bench/soak.json", help="file for all measurements")
    given = parser.parse_args(arguments)
    watch = machine.Watch()
    with tempfile.TemporaryDirectory() as name:
        record = soak(given.minutes, Path(name))
    place = watch.machine()
    record.save(given.kept)
    chart = given.page.with_name("soak.svg")
    report.save_chart(record, chart)
    reliability_page.write("soak", report.section(record, given.minutes, chart.name, place), given.page)
    for fault in record.faults():
        print(fault, file=sys.stderr)
    sys.exit(bool(record.faults()))


if __name__ == "__main__":
    main()
