"""Section of the page on the engine in the visitor's browser: speed, agreement with the server's, and what it costs.

It wants Chromium, and the runtime that `python -m webapp.browser.runtime` fetches. human is measured where it can be
installed, in the same page, a picture each in turns. `MIEN_DATA` may name a folder with a clip under `videos/`, over
which both engines are compared; without it a made-up one takes its place.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks import wording
from benchmarks.engine_page import chromium, opened, served, write_frames
from benchmarks.environments import FOLDER, ROOT, NotInstallable
from benchmarks.measuring import family, spread
from benchmarks.peers.peer_list import peers
from benchmarks.pictures import frames
from core.faces.geometry import intersection_over_union
from core.recognizer import Recognizer
from core.streams.session import Session
from core.video.clip import Clip
from training import text_tables
from webapp.browser import site

TITLE = "In the visitor's own browser"

SCRIPT = Path(__file__).with_suffix(".js")
"""What the page of the measurements runs."""

AWAY_S = 0.5
"""A moment is away from changes where the server's label of that face was the same for so long before and after it."""

_VISITS, _RATE = 10, 2  # connected visits, and pictures a second that the camera of each gives


def measure(quick: bool, data: Path | None) -> dict:
    """Measure all that the section tells.

    Args:
        quick: Whether a few pictures and seconds are enough.
        data: Not used; every section takes it.
    """
    with tempfile.TemporaryDirectory(prefix="mien-") as scratch, served(Path(scratch), SCRIPT) as address:
        folder = Path(scratch)
        with opened(address) as page:
            has_human = _install_human(folder)
            figures = {"beside": _beside(page, folder, quick) if has_human else None}
        with opened(address) as page:
            figures["agreement"] = _agreement(page, folder, quick)
        figures["first_visit"] = _first_visit(folder / "site")
    return figures | {"server": _server_seconds(2 if quick else _VISITS, 5 if quick else 60)}


def _install_human(folder: Path) -> bool:
    try:
        next(peer for peer in peers() if peer.name.startswith("human")).install()
    except NotInstallable:
        return False
    (folder / "human").symlink_to(FOLDER / "human" / "node_modules")
    return True


def _beside(page, folder: Path, quick: bool) -> dict:
    count, rounds = (8, 1) if quick else (40, 5)
    write_frames(folder, frames(count))
    told = page.evaluate(f"import('/in_browser.js').then((it) => it.besideHuman({count}, {rounds}))")
    pictures = len(told["times"]["mien"])
    stages = {name: spread(each[name] for each in told["stages"] if name in each) for name in told["stages"][-1]}
    return {
        "times": {name: spread(values) for name, values in told["times"].items()},
        "found": {name: count / pictures for name, count in told["found"].items()},
        "stages": stages,
        "human": told["human"],
    }


def _agreement(page, folder: Path, quick: bool) -> dict:
    clip, pictures, rate = _film(40 if quick else 100_000)
    write_frames(folder, pictures)
    browser = page.evaluate(f"import('/in_browser.js').then((it) => it.clip({len(pictures)}, {rate}))")
    session = Session(Recognizer(site.MODELS[0], cores=1))
    server = [session.read(picture, index / rate).readings for index, picture in enumerate(pictures)]
    labels = [{reading.number: _label(reading) for reading in readings} for readings in server]
    away, counts = round(AWAY_S * rate), {"calm": 0, "calm_same": 0, "all": 0, "all_same": 0, "alone": 0}
    for index, readings in enumerate(server):
        for reading in readings:
            boxes = np.array([face["box"] for face in browser[index]]).reshape(-1, 4)
            overlaps = intersection_over_union(boxes, np.array(reading.face.box))
            if not (overlaps > 0.5).any():
                counts["alone"] += 1
                continue
            same = browser[index][int(overlaps.argmax())]["label"] == _label(reading)
            around = labels[max(0, index - away) : index + away + 1]
            calm = {each.get(reading.number) for each in around} == {_label(reading)}
            counts["all"] += 1
            counts["all_same"] += same
            counts["calm"] += calm
            counts["calm_same"] += calm and same
    return counts | {"clip": clip, "frames": len(pictures)}


def _film(most: int) -> tuple[str, list[np.ndarray], float]:
    """What a clip is, its pictures, and how many a second there are."""
    found = sorted(Path(os.environ.get("MIEN_DATA", "nowhere"), "videos").glob("*.mp4"))
    if not found:
        return "a made-up face that moves", frames(min(most, 200)), 20.0
    shown = [(time_s, picture) for _, time_s, picture in itertools.islice(Clip(found[0]).pictures(), most)]
    pictures = [picture for _, picture in shown]
    height, width = pictures[0].shape[:2]
    return f"several people who move, {width}x{height}", pictures, (len(shown) - 1) / (shown[-1][0] - shown[0][0])


def _label(reading) -> str:
    return "unsure" if reading.unsure else reading.label


def _first_visit(folder: Path) -> dict:
    """Bytes of the files that a visit with the first model asks for, plain, and from a server that compresses."""
    later = {f"{name}.tflite" for name in site.MODELS[1:]}
    contents = [path.read_bytes() for path in folder.iterdir() if path.name not in later]
    return {
        "bytes": sum(map(len, contents)),
        "compressed": sum(min(len(content), len(gzip.compress(content, 6))) for content in contents),
    }


def _server_seconds(visits: int, seconds: float) -> dict:
    """Processor seconds of the studio's server while visits read in their browsers."""
    with tempfile.TemporaryDirectory(prefix="mien-") as scratch, _studio() as (server, address):
        film = Path(scratch) / "camera.mjpeg"
        film.write_bytes(b"".join(cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes() for picture in frames(10)))
        flags = ("use-fake-ui-for-media-stream", f"use-fake-device-for-media-stream=fps={_RATE}")
        with chromium(*(f"--{flag}" for flag in flags), f"--use-file-for-fake-video-capture={film}") as browser:
            tabs = [browser.new_context().new_page() for _ in range(visits)]
            for tab in tabs:
                tab.set_default_timeout(180_000)
                tab.add_init_script(_HELD)
                tab.goto(f"{address}/live")
                tab.get_by_label("Everyone in view").check()
                tab.get_by_role("button", name="Start", exact=True).click()
            for tab in tabs:
                tab.locator(".face h2").first.wait_for()
            before, began = _processor_s(server.pid), time.monotonic()
            time.sleep(seconds)
            spent, passed = _processor_s(server.pid) - before, time.monotonic() - began
            paces = [tab.get_by_text("frames per second").inner_text().split()[0] for tab in tabs]
    return {"visits": visits, "seconds": passed, "spent": spent, "paces": sorted(map(float, paces))}


_HELD = f"""HTMLVideoElement.prototype.requestVideoFrameCallback = function (then) {{
  setTimeout(then, {1000 // _RATE});
}}"""  # the camera's own rate is not to be had for less


@contextlib.contextmanager
def _studio() -> Iterator[tuple[subprocess.Popen, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "webapp/Home.py", f"--server.port={port}"]
    command += ["--server.headless=true", "--server.fileWatcherType=none"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
                break
            time.sleep(0.2)
        yield server, f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _processor_s(pid: int) -> float:
    """Processor seconds that a process and its children have used so far (Linux only)."""
    ticks = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            parts = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def describe(figures: dict) -> list[str]:
    """The section's paragraphs.

    Args:
        figures: Result of `measure`.
    """
    server, visit, counts = figures["server"], figures["first_visit"], figures["agreement"]
    calm = 100 * counts["calm_same"] / max(counts["calm"], 1)
    overall = 100 * counts["all_same"] / max(counts["all"], 1)
    return [
        *_beside_told(figures["beside"]),
        f"The same clip ({counts['clip']}, {counts['frames']} frames) read by the server's `Session` and by the "
        f"browser's, each from its own state: {counts['calm']:,} moments are away from changes, which are those of a "
        f"face whose label on the server was the same for {AWAY_S:g} s before and after. Of all {counts['all']:,} "
        f"faces that both see, {overall:.1f}% have the same label; {counts['alone']} are seen by the server alone.",
        "\n".join(
            [
                "- " + wording.at_least("Same label away from changes", calm, 97, "%"),
                "- "
                + wording.at_most(
                    f"The server's processor time over {server['seconds']:.0f} s with {server['visits']} visits, each "
                    f"held to {_RATE} frames a second ({server['paces'][0]:g} to {server['paces'][-1]:g} were read)",
                    server["spent"],
                    3,
                    " s",
                ),
                f"- First visit with `{site.MODELS[0]}`: {visit['bytes'] / 1e6:.1f} MB, and "
                f"{visit['compressed'] / 1e6:.1f} MB from a server that compresses.",
            ]
        ),
    ]


def _beside_told(beside: dict | None) -> list[str]:
    if not beside:
        return ["human cannot be installed on this machine."]
    times, found = beside["times"], beside["found"]
    names = {"mien": f"Mien (`{site.MODELS[0]}`)", "human": f"human {beside['human']}"}
    rows = [
        [name, wording.spread_ms(times[key]), wording.figure(1e3 / times[key]["median"]), f"{100 * found[key]:.0f}%"]
        for key, name in names.items()
    ]
    stages = [[name, wording.spread_ms(values)] for name, values in beside["stages"].items()]
    return [
        "Frames of 640x480 with one face that moves, in one page of Chromium on one thread of WebAssembly, a frame "
        "each in turns; human without mesh, iris and description, and each frame searched from scratch. Medians, "
        "with 95th percentiles in brackets.",
        text_tables.markdown(["", "ms a frame", "frames a second", "frames with the face"], rows),
        text_tables.markdown(["stage of Mien", "ms a frame"], stages),
        "- " + wording.compared("A frame", times["mien"]["median"], times["human"]["median"], names["human"]),
    ]
