"""Section of the page on the server's live view: how many viewers it carries, and how late each frame is."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import wording
from benchmarks.environments import ROOT
from training import text_tables

TITLE = "Live viewers of one server"

VIEWERS = 6
"""Aim: viewers that two cores carry."""


def measure(quick: bool, data: Path | None) -> dict:
    """Add viewers until one gets too few frames, or gets them late, by `benchmarks.speed.live_capacity`.

    Args:
        quick: Whether one viewer for two seconds is enough.
        data: Not used; every section takes it.

    Returns:
        Number of `cores`, and `rows`: for each number of `viewers`, the frames `a_second` of the slowest, the median
        delay in `ms`, the 95th percentile of the slowest in `p95_ms`, and whether all were `carried`.
    """
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "viewers.json"
        options = ["--seconds", "2", "--most", "1"] if quick else []
        command = [sys.executable, "-m", "benchmarks.speed.live_capacity", "--out", str(out), *options]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads(out.read_text())


def describe(figures: dict) -> list[str]:
    """Write the section as paragraphs in Markdown from the result of `measure`."""
    rows = [
        [str(row["viewers"]), f"{row['a_second']:.1f}", wording.figure(row["ms"]), wording.figure(row["p95_ms"])]
        for row in figures["rows"]
    ]
    carried = sum(row["carried"] for row in figures["rows"])
    return [
        f"Viewers on loopback WebRTC, each sending 15 frames of 640x480 a second, and the server that reads, marks and "
        f"returns them share {figures['cores']} cores. They are carried while each gets 10 new frames a second, 95 of "
        "100 of them within 200 ms.",
        text_tables.markdown(
            ["viewers", "frames a second, slowest", "delay, ms", "95th percentile, slowest, ms"], rows
        ),
        f"- {wording.at_least('Viewers that are carried', carried, VIEWERS)}",
    ]
