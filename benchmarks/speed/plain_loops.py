"""Section of the page that compares Mien with the loops of tutorials, which take one picture at a time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import wording
from benchmarks.environments import ROOT
from benchmarks.measuring import alternating, spread
from training import text_tables
from training.datasets.cartoon import write_sample

TITLE = "Beside the plain loops of tutorials"

AIMS = {"mesh": 1.8, "movements": 1.7, "predict": 20.0}
"""Aims: images a second as a multiple of the plain loop's, on one core, by kind."""

_ROWS = {
    "mesh": ("points", "FaceLandmarker, one image at a time", "`extract landmarks --jobs 1`"),
    "movements": ("points and movements", "FaceLandmarker, one image at a time", "`extract blendshapes --jobs 1`"),
    "predict": (
        "answers of the default model",
        "Keras `model.predict`, one at a time",
        "LiteRT, in batches",
    ),
}


def measure(quick: bool, data: Path | None, kinds: tuple[str, ...] = tuple(AIMS)) -> dict:
    """Run both loops of each kind in turn, each in a process that may use one core.

    Args:
        quick: Whether one run over a few images is enough.
        data: Dataset file; without it cartoon faces, in most of which MediaPipe finds no face.
        kinds: Kinds to measure, keys of `AIMS`.
    """
    count, rounds = (6, 1) if quick else (1000, 3)
    with tempfile.TemporaryDirectory() as name:
        if not (dataset := data):
            dataset = Path(name) / "cartoons.parquet"
            write_sample(dataset, 60 if quick else 3500)
        found: dict[str, dict] = {}

        def rate(loop: str) -> float:
            found[loop] = _run(loop, dataset, count)
            return found[loop]["images"] / found[loop]["seconds"]

        loops = [f"{kind}_{who}" for kind in kinds for who in ("plain", "mien")]
        rates = alternating({loop: lambda loop=loop: rate(loop) for loop in loops}, rounds)
    measured = {loop: {"a_second": spread(rates[loop]), **found[loop]} for loop in loops}
    for kind in kinds:
        pairs = zip(rates[f"{kind}_mien"], rates[f"{kind}_plain"], strict=True)
        measured[f"{kind}_mien"]["times_plain"] = spread(ours / plain for ours, plain in pairs)
    return {"dataset": data.name if data else "cartoons", "loops": measured}


def _run(loop: str, dataset: Path, count: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.speed.loops", loop, str(dataset.absolute()), str(count)]
    ended = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(ended.stdout.splitlines()[-1])


def describe(figures: dict) -> list[str]:
    """Write the section as paragraphs in Markdown from the result of `measure`."""
    loops, rows, verdicts = figures["loops"], [], []
    for kind, aim in AIMS.items():
        if f"{kind}_plain" not in loops:
            continue
        plain, ours = loops[f"{kind}_plain"], loops[f"{kind}_mien"]
        what, *ways = _ROWS[kind]
        for way, loop in zip(ways, (plain, ours), strict=True):
            rate = loop["a_second"]["median"]
            rows.append([what, way, wording.figure(rate), f"{loop['found'] / loop['images']:.1%}"])
        times = ours["times_plain"]["median"]
        verdicts.append(wording.at_least(f"Mien's {what}, times as fast", times, aim))
        if kind in ("mesh", "movements"):
            per_answer = times * (ours["found"] / ours["images"]) / max(plain["found"] / plain["images"], 1e-9)
            verdicts.append(
                f"Counted by faces found instead of images tried: {wording.figure(per_answer)} times. "
                f"A network looks {ours['looks'] / ours['images']:.2f} times at an image; that is "
                f"{ours['looks_s'] / ours['seconds']:.0%} of Mien's time, so that without all else it would be "
                f"{wording.figure(times * ours['seconds'] / ours['looks_s'])} times as fast."
            )
    return [
        f"{next(iter(loops.values()))['images']:,} images of PublicTest of `{figures['dataset']}`, each loop in a "
        "process that may use one core, without its start; medians of alternating runs, and of their ratios.",
        text_tables.markdown(["", "loop", "images a second", "answered"], rows),
        "\n".join(f"- {line}" for line in verdicts),
    ]
