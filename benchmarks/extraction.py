"""What `extract` takes: seconds, images a second, coverage and peak memory, beside the cost of one image alone.

    python benchmarks/extraction.py data/fer2013.parquet mesh --out /tmp/mesh.parquet

On a busy machine the last figure is the one to trust: the seconds of the whole over those of one image in this process,
times the processes. 1 is perfect sharing.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.features import FEATURES
from training.datasets import Dataset
from training.extract import extract

_SAMPLE = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("feature", choices=FEATURES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    given = parser.parse_args()
    feature = FEATURES[given.feature]

    images = Dataset.load(given.data, ("public-test",)).images[:_SAMPLE].copy()
    feature.compute(images[0], None)
    wall, processor = time.perf_counter(), time.process_time()
    for image in images:
        feature.compute(image, None)
    alone_s = (time.perf_counter() - wall) / len(images)
    processor_s = (time.process_time() - processor) / len(images)

    peak = _Peak()
    result = extract(feature, given.data, given.out, jobs=given.jobs)
    peak.stop.set()
    share = result.seconds * given.jobs / (result.images * alone_s)
    print(f"one image     {alone_s * 1e3:.2f} ms, of it {processor_s * 1e3:.2f} ms on a processor")
    print(f"whole         {result.seconds:.0f} s, {result.images / result.seconds:.0f} images a second")
    print(f"found         {result.found} of {result.images}, {result.found / result.images:.2%}")
    print(f"peak memory   {peak.bytes / 1e6:.0f} MB, all processes together (shared pages counted once each)")
    print(f"whole / alone {share:.2f}")


class _Peak(threading.Thread):
    """The most memory that this process and its children held at once, looked at twice a second (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes, self.stop = 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.stop.wait(0.5):
            self.bytes = max(self.bytes, sum(_proportional_bytes(pid) for pid in _family(os.getpid())))


def _family(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                todo += map(int, task.read_text().split())
            except OSError:  # it ended meanwhile
                continue
    return found


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
