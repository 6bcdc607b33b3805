"""A folder of photographs, read by every program from the start of its process to the last answer."""

from __future__ import annotations

import csv
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.environments import ROOT
from benchmarks.measuring import alternating, spread
from benchmarks.peers.peer_list import Peer
from benchmarks.peers.process import PeerFailed, PeerProcess
from training.datasets import Dataset
from training.engine.synthetic_pictures import make_photograph


def read_folders(found: Mapping[str, Peer], folder: Path, data: Path, count: int, rounds: int) -> dict[str, dict]:
    """Let every program read the same made-up photographs, each with one face of PublicTest, in alternating turns.

    Args:
        found: Programs by name. One that has a command for a folder is started with it; the others are asked for one
            photograph after the other.
        folder: An empty folder to write into.
        data: Dataset file with PublicTest.
        count: Number of photographs.
        rounds: How often each program reads them all.

    Returns:
        By name, `folder_s`, the seconds of a round; `folder_photos`; the number of photographs in which it `folder_saw`
        a face; and `folder_more`, of those in which it saw more than there is.
    """
    photos = _photographs(folder / "photos", data, count)
    faces: dict[str, list[int]] = {}

    def read(name: str) -> float:
        start = time.perf_counter()
        faces[name] = _faces(found[name], photos, folder)
        return time.perf_counter() - start

    seconds = alternating({name: lambda name=name: read(name) for name in found}, rounds)
    return {
        name: {
            "folder_s": spread(seconds[name]),
            "folder_photos": count,
            "folder_saw": sum(number > 0 for number in faces[name]),
            "folder_more": sum(number > 1 for number in faces[name]),
        }
        for name in found
    }


def _photographs(folder: Path, data: Path, count: int) -> list[Path]:
    folder.mkdir()
    rng, images = np.random.default_rng(0), Dataset.load(data, ("public-test",)).images
    paths = []
    for number, image in enumerate(images[rng.permutation(len(images))[:count]]):
        photograph, *_ = make_photograph(image, rng)
        paths.append(folder / f"{number:04}.png")  # which the programs for Node can decode
        Image.fromarray(photograph).save(paths[-1])
    return paths


def _faces(peer: Peer, photos: Sequence[Path], folder: Path) -> list[int]:
    """How many faces a program sees in each photograph."""
    if not peer.reads_folders:
        with PeerProcess(peer.command, folder / "log") as process:
            return [process.ask(photo, "photo")["faces"] for photo in photos]
    table = folder / "table.csv"
    command = [*peer.reads_folders, str(photos[0].parent), "--out", str(table)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerFailed(done.stderr.strip().splitlines()[-1:] or f"exit code {done.returncode}")
    with table.open(newline="", encoding="utf-8-sig") as lines:
        seen = Counter(Path(row["path"]).name for row in csv.DictReader(lines))
    return [seen[photo.name] for photo in photos]
