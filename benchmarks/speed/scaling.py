"""Section of the page on scaling: with processes, with a Dask cluster, and with the size of a dataset."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from benchmarks import wording
from benchmarks.environments import ROOT
from benchmarks.measuring import Peak, alternating, spread
from benchmarks.pictures import frames, write_clip
from training import text_tables
from training.datasets import Dataset, Sample, write_dataset
from training.datasets.cartoon import draw_sample

TITLE = "Scaling"

SHARING = 0.85
"""Aim: the share of twice the speed that two workers reach."""

LINEAR, FLAT = 1.15, 1.15
"""Aims: time for one image more, and peak memory, in the largest dataset relative to the next smaller one."""


def measure(quick: bool, data: Path | None) -> dict:
    """Time commands on one process, on two and on Dask, and `extract pixels` from growing datasets.

    Args:
        quick: Whether a few images are enough.
        data: Dataset file for `extract landmarks`; without it cartoon faces.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            "together": _alone_and_together(1 if quick else 5),
            "workers": _workers(_works(folder, data, quick), 1 if quick else 3),
            "sizes": _sizes(folder, (20, 40, 60, 80) if quick else (1_000, 10_000, 50_000, 100_000)),
        }


@dataclass(frozen=True)
class Work:
    """A command that can use several processes.

    Attributes:
        count: Number of things that it reads.
        what: Name of these things, in the plural.
        command: The command's words after `python`, all but those that say how many processes it may use.
        one: The same for one of these things, which shows what its start takes.
    """

    count: int
    what: str
    command: tuple[str, ...]
    one: tuple[str, ...]


def _works(folder: Path, data: Path | None, quick: bool) -> dict[str, Work]:
    """Prepare what the commands read, and return them by name."""
    images, photos, clips = (8, 4, 2) if quick else (3500, 300, 4)
    few, many, out = folder / "one.parquet", folder / "part.parquet", str(folder / "table.parquet")
    for path, count in ((few, 1), (many, images)):
        write_dataset(_part(data, count), path)
    for number, picture in enumerate(frames(photos)):
        for place in ("photos", "one photo") if number == 0 else ("photos",):
            (folder / place).mkdir(exist_ok=True)
            Image.fromarray(picture).save(folder / place / f"{number:04}.jpg", quality=92)
    clip = folder / "one.mp4"
    write_clip(clip, minutes=0.02 if quick else 1 / 3, rate=15, size=(640, 480))
    (folder / "clips").mkdir()
    for number in range(clips):
        shutil.copy(clip, folder / "clips" / f"{number}.mp4")
    extract = ("-m", "training", "extract", "landmarks", "--out", out, "--data")
    read, video = (("-m", "core", command, "--out", out) for command in ("read", "video"))
    return {
        "extract landmarks": Work(images, "images", (*extract, str(many)), (*extract, str(few))),
        "read": Work(photos, "photos", (*read, str(folder / "photos")), (*read, str(folder / "one photo"))),
        "video": Work(clips, "clips", (*video, str(folder / "clips")), (*video, str(clip), "--to", "0.1")),
    }


def _workers(works: Mapping[str, Work], rounds: int) -> dict[str, dict]:
    from dask.distributed import LocalCluster

    with ExitStack() as stack:
        cluster = stack.enter_context(
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="ERROR")
        )
        ways = {
            "one process": ("--jobs", "1"),
            "two processes": ("--jobs", "2"),
            "Dask, two workers": ("--dask", cluster.scheduler_address),
        }
        return {name: _ways(work, ways, rounds) for name, work in works.items()}


def _ways(work: Work, ways: Mapping[str, tuple[str, ...]], rounds: int) -> dict:
    """Time a command in each way, in alternating turns."""
    for way in ways.values():
        _run((*work.command, *way))  # so that the files, and what Dask's workers need, have been loaded
    runs: dict[str, list[Run]] = {way: [] for way in ways}

    def run(way: str) -> float:
        runs[way].append(_run((*work.command, *ways[way])))
        return runs[way][-1].seconds

    calls: dict[str, Callable[[], float]] = {way: lambda way=way: run(way) for way in ways}
    seconds = alternating(calls | {"": lambda: _run((*work.one, *ways["one process"])).seconds}, rounds)
    return {
        "count": work.count,
        "what": work.what,
        "start_s": spread(seconds.pop(""))["median"],
        "cores": spread(run.cores for run in runs["one process"])["median"],
        "ways": {
            way: {**spread(taken), "peak_mb": max(run.peak for run in runs[way]) / 1e6}
            for way, taken in seconds.items()
        },
    }


def _alone_and_together(rounds: int) -> float:
    """How many times as much two processes do that share nothing but the machine, as one of them alone."""

    def run(count: int) -> float:
        command = [sys.executable, "-c", "sum(number * number for number in range(20_000_000))"]
        start = time.perf_counter()
        for process in [subprocess.Popen(command) for _ in range(count)]:
            process.wait()
        return time.perf_counter() - start

    seconds = alternating({"alone": lambda: run(1), "together": lambda: run(2)}, rounds)
    return 2 * spread(seconds["alone"])["median"] / spread(seconds["together"])["median"]


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
        out = str(folder / "pixels.parquet")
        command = ("-m", "training", "extract", "pixels", "--data", str(dataset), "--out", out, "--jobs", "2")
        run = _run(command)
        rows.append({"images": count, "seconds": run.seconds, "peak_mb": run.peak / 1e6})
        dataset.unlink()
    return rows


def _synthetic(count: int) -> Iterator[Sample]:
    """Blurred grey noise, no two pictures alike."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        image = cv2.resize(rng.integers(0, 256, (6, 6), np.uint8), (48, 48), interpolation=cv2.INTER_CUBIC)
        yield Sample(image=image, label=int(rng.integers(7)), split="training")


class Run(NamedTuple):
    """What a whole command took: seconds, bytes of memory at most with its processes, and cores on an average."""

    seconds: float
    peak: int
    cores: float


def _run(words: tuple[str, ...]) -> Run:
    before = os.times()
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    with Peak(process.pid) as peak:
        _, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors.strip())
    seconds, after = time.perf_counter() - start, os.times()
    busy_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, peak.bytes, busy_s / seconds)


def describe(figures: dict) -> list[str]:
    """Write the section as paragraphs in Markdown from the result of `measure`."""
    sizes = figures["sizes"]
    small, large = sizes[-2:]
    costs = [
        (after["seconds"] - before["seconds"]) / (after["images"] - before["images"])
        for before, after in itertools.pairwise(sizes[-3:])
    ]
    rows = [[f"{row['images']:,}", wording.figure(row["seconds"]), f"{row['peak_mb']:,.0f} MB"] for row in sizes]
    verdicts = [
        f"Two processes that share nothing but this machine do {figures['together']:.2f} times as much as one of them "
        f"alone, a share of {figures['together'] / 2:.2f}: no more can be had by a second process.",
        *(line for name, work in figures["workers"].items() for line in _shares(name, work)),
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
        "Whole commands with their start, medians of alternating runs (Dask's workers were started before, and their "
        "memory is not the command's):",
        text_tables.markdown(
            ["command", "processes", "seconds", "a second", "peak memory of the command"],
            [
                [
                    f"`{name}`, {work['count']:,} {work['what']}",
                    way,
                    wording.figure(taken["median"]),
                    wording.figure(work["count"] / taken["median"]),
                    f"{taken['peak_mb']:,.0f} MB",
                ]
                for name, work in figures["workers"].items()
                for way, taken in work["ways"].items()
            ],
        ),
        "`extract pixels --jobs 2`, the cheapest feature, over made-up datasets, which shows the cost of reading and "
        "writing.",
        text_tables.markdown(["images", "seconds", "peak memory, all processes"], rows),
        "\n".join(f"- {line}" for line in verdicts),
    ]


def _shares(name: str, work: dict) -> list[str]:
    """Say what share of twice the speed each way reaches, and of a share that is missed what the start has in it."""
    one, lines = work["ways"]["one process"]["median"], []
    for way, taken in work["ways"].items():
        if way == "one process":
            continue
        share = one / taken["median"] / 2
        lines.append(wording.at_least(f"`{name}`, {way}, share of twice the speed", share, SHARING))
        if share < SHARING:
            start_s = work["start_s"]
            without = (one - start_s) / max(taken["median"] - start_s, 1e-9) / 2
            lines[-1] += (
                f" One process keeps {work['cores']:.2f} cores busy already, by threads; and {wording.figure(start_s)} "
                f"s of each run are the command's start, without which the share is {without:.2f}."
            )
    return lines
