"""Visitors whose own browser reads their camera, in turn: `python -m benchmarks.soak.browser_visits FOLDER`.

Each visitor opens a page of Chromium with an engine of its own and stays for some seconds. The times of the pictures of
a visit come out as one line of JSON, numbers of milliseconds.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.engine_page import chromium, new_page, program, served, write_frames
from benchmarks.environments import ROOT
from benchmarks.pictures import frames
from benchmarks.soak.record import Recording
from benchmarks.speed.in_browser import SCRIPT
from webapp.browser import site

KIND = "browser's frame"
_VISIT_S, _PICTURES = 20, 20


@contextmanager
def browser_visits(record: Recording) -> Iterator[int | None]:
    """Let visitors come and go in a process of its own while the block runs.

    Args:
        record: Recording to which the times of their pictures are added.

    Yields:
        Process id of what runs the browser; None where there is no Chromium, or where what a browser reads with cannot
        be had, and then nobody comes.
    """
    if not (program() and site.can_be_had()):
        yield None
        return
    # The folder is made here, because a process that is terminated does not delete its own.
    with tempfile.TemporaryDirectory(prefix="mien-") as folder, tempfile.TemporaryFile("w+") as errors:
        command = [sys.executable, "-m", "benchmarks.soak.browser_visits", folder]
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        listener = threading.Thread(target=_listen, args=(running.stdout, record), daemon=True)
        listener.start()
        try:
            yield running.pid
            if running.poll() is not None:
                errors.seek(0)
                with record.timed(KIND):
                    raise RuntimeError(errors.read().strip().rpartition("\n")[2] or "it ended without a message")
        finally:
            running.terminate()
            running.wait()
            listener.join()


def _listen(lines: Iterator[str], record: Recording) -> None:
    for line in lines:
        record.took(KIND, json.loads(line))


def main() -> None:
    """Let one visitor come after the other, until somebody ends this process; the argument is an empty folder."""
    folder = Path(sys.argv[1])
    with served(folder, SCRIPT) as address:
        write_frames(folder, frames(_PICTURES))
        with chromium() as browser:
            for _ in itertools.count():
                page = new_page(browser, address)
                times = page.evaluate(f"import('/{SCRIPT.name}').then((it) => it.visit({_PICTURES}, {_VISIT_S}))")
                print(json.dumps(times), flush=True)
                page.close()


if __name__ == "__main__":
    main()
