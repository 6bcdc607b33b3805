"""Section of the page on scaling: with processes, with a Dask cluster, and with the size of a dataset."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from benchmarks import wording
from benchmarks.environments import ROOT
from benchmarks.measuring import Peak, alternating, spread
from training import text_tables
from training.datasets import Dataset, Sample, write_dataset
from training.datasets.cartoon import draw_sample

TITLE = "Scaling"

SHARING = 0.85
"""Aim: the share of twice the speed that two workers reach."""

LINEAR, FLAT = 1.15, 1.15
"""Aims: time for one image more, and peak memory, in the largest dataset relative to the next smaller one."""


def measure(quick: bool, data: Path | None) -> dict:
    """Time extractions: `landmarks` on one process, on two and on Dask, and `pixels` from growing datasets.

    Args:
        quick: Whether a few images are enough.
        data: Dataset file for `landmarks`; without it cartoon faces.
    """
    with tempfile.TemporaryDirectory() as name:
        return {
            "workers": _workers(Path(name), data, *((8, 1) if quick else (3500, 3))),
            "sizes": _sizes(Path(name), (20, 40, 60, 80) if quick else (1_000, 10_000, 50_000, 100_000)),
        }


def _workers(folder: Path, data: Path | None, count: int, rounds: int) -> dict:
    from dask.distributed import LocalCluster

    dataset = folder / "part.parquet"
    write_dataset(_part(data, count), dataset)
    with ExitStack() as stack:
        cluster = stack.enter_context(
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="ERROR")
        )
        ways = {
            "one process": ("--jobs", "1"),
            "two processes": ("--jobs", "2"),
            "Dask, two workers": ("--dask", cluster.scheduler_address),
        }
        _extract("landmarks", dataset, folder, ways["Dask, two workers"])  # so that its workers have loaded everything
        peaks = dict.fromkeys(ways, 0)

        def run(way: str) -> float:
            seconds, peak = _extract("landmarks", dataset, folder, ways[way])
            peaks[way] = max(peaks[way], peak)
            return seconds

        seconds = alternating({way: lambda way=way: run(way) for way in ways}, rounds)
    return {"images": count, "ways": {way: {**spread(seconds[way]), "peak_mb": peaks[way] / 1e6} for way in ways}}


def _part(data: Path | None, count: int) -> Iterator[Sample]:
    if not data:
        yield from draw_sample(count)
        return
    for image in Dataset.load(data, ("public-test",)).images[:count]:
        yield Sample(image=image, label=0, split="training")


def _sizes(folder: Path, counts: tuple[int, ...]) -> list[dict]:
    rows = []
    for count in counts:
        dataset = folder / f"{count}.parquet"
        write_dataset(_synthetic(count), dataset)
        seconds, peak = _extract("pixels", dataset, folder, ("--jobs", "2"))
        rows.append({"images": count, "seconds": seconds, "peak_mb": peak / 1e6})
        dataset.unlink()
    return rows


def _synthetic(count: int) -> Iterator[Sample]:
    """Blurred grey noise, no two pictures alike."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        image = cv2.resize(rng.integers(0, 256, (6, 6), np.uint8), (48, 48), interpolation=cv2.INTER_CUBIC)
        yield Sample(image=image, label=int(rng.integers(7)), split="training")


def _extract(feature: str, dataset: Path, folder: Path, options: tuple[str, ...]) -> tuple[float, int]:
    """Time in seconds and peak memory in bytes of the whole command with its processes."""
    command = [sys.executable, "-m", "training", "extract", feature, "--data", str(dataset)]
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--out", str(folder / "table.parquet"), *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with Peak(process.pid) as peak:
        _, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors.strip())
    return time.perf_counter() - start, peak.bytes


def describe(figures: dict) -> list[str]:
    """Write the section as paragraphs in Markdown from the result of `measure`."""
    workers, sizes = figures["workers"], figures["sizes"]
    one = workers["ways"]["one process"]["median"]
    shares = {way: one / taken["median"] / 2 for way, taken in workers["ways"].items() if way != "one process"}
    ways = [
        [
            way,
            wording.figure(taken["median"]),
            wording.figure(workers["images"] / taken["median"]),
            f"{taken['peak_mb']:,.0f} MB",
        ]
        for way, taken in workers["ways"].items()
    ]
    small, large = sizes[-2:]
    costs = [
        (after["seconds"] - before["seconds"]) / (after["images"] - before["images"])
        for before, after in itertools.pairwise(sizes[-3:])
    ]
    rows = [[f"{row['images']:,}", wording.figure(row["seconds"]), f"{row['peak_mb']:,.0f} MB"] for row in sizes]
    verdicts = [
        *(wording.at_least(f"{way}, share of twice the speed", share, SHARING) for way, share in shares.items()),
        wording.at_most(
            "Time for one image more, in the last step relative to the step before", costs[1] / costs[0], LINEAR
        )
        if costs[0] > 0
        else "The small datasets take no longer than the start of the command, so nothing can be said of the growth.",
        wording.at_most(
            "Peak memory of the largest dataset relative to the next smaller one",
            large["peak_mb"] / small["peak_mb"],
            FLAT,
        ),
    ]
    return [
        f"`extract landmarks` over {workers['images']:,} images, the whole command with its start (Dask's workers were "
        "started before, and their memory is not the command's):",
        text_tables.markdown(["", "seconds", "images a second", "peak memory of the command"], ways),
        "`extract pixels --jobs 2`, the cheapest feature, over made-up datasets, which shows the cost of reading and "
        "writing.",
        text_tables.markdown(["images", "seconds", "peak memory, all processes"], rows),
        "\n".join(f"- {line}" for line in verdicts),
    ]
