"""What each program costs before its first answer: the time of a cold start, its memory, and what is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.environments import ROOT
from benchmarks.measuring import alternating, folder_bytes, milliseconds, spread
from benchmarks.peers.peer_list import Peer
from benchmarks.peers.process import PeerFailed, PeerProcess
from benchmarks.pictures import frame


def starts(found: dict[str, Peer], missing: dict[str, str], folder: Path, count: int) -> dict[str, dict]:
    """Time whole processes from the start to the first answer.

    Args:
        found: Programs by name; one that fails is taken out.
        missing: The reason for each program that cannot be measured, by name; one that fails is added.
        folder: Folder to write into.
        count: Number of starts.

    Returns:
        By name, `start_s`, the seconds, and `first_mb`, the median of its megabytes at most.
    """
    photo = folder / "photo.png"
    Image.fromarray(frame()).save(photo)
    for name, peer in list(found.items()):  # once untimed, so that the files are in the system's cache
        try:
            with PeerProcess(peer.command, folder / "log") as process:
                process.ask(photo, "photo")
        except (PeerFailed, OSError) as error:
            missing[name] = str(error)
            del found[name]
    memory: dict[str, list[float]] = {name: [] for name in found}

    def start(name: str) -> float:
        with PeerProcess(found[name].command, folder / "log") as process:
            process.ask(photo, "photo")
            seconds = process.seconds()
            memory[name].append(process.peak_bytes() / 1e6)
        return seconds

    seconds = alternating({name: lambda name=name: start(name) for name in found}, count)
    return {name: {"start_s": spread(seconds[name]), "first_mb": float(np.median(memory[name]))} for name in found}


def parts_of_a_start(us: Peer, count: int) -> dict[str, float]:
    """Measure parts of Mien's start.

    Args:
        us: Mien.
        count: Number of starts.

    Returns:
        `python`, the median seconds that Python alone takes to start; `import`, those with the import of the engine;
        and `import_mb`, the megabytes that it holds then.
    """
    codes = {"python": "pass", "import": "from mien import Recognizer"}
    held = "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM:')).split()[1])"

    def run(code: str) -> float:
        return milliseconds(lambda: subprocess.run([us.command[0], "-c", code], cwd=ROOT, check=True)) / 1e3

    times = alternating({name: lambda code=code: run(code) for name, code in codes.items()}, count)
    said = subprocess.run(
        [us.command[0], "-c", f"{codes['import']}; {held}"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {name: spread(taken)["median"] for name, taken in times.items()} | {"import_mb": int(said.stdout) / 1e3}


def largest_parts(peer: Peer) -> dict[str, int]:
    """The five largest parts of an installation: bytes by the folder's name."""
    parents = [path for folder in peer.sizes for path in (*folder.glob("*/site-packages"), folder)][:1]
    sizes = {path.name: folder_bytes([path]) for parent in parents for path in parent.iterdir() if path.is_dir()}
    return dict(sorted(sizes.items(), key=lambda item: -item[1])[:5])
