"""Section of the page that compares Mien with other programs: accuracy, speed, cold start, memory and size."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import wording
from benchmarks.environments import NotInstallable
from benchmarks.measuring import alternating, folder_bytes, spread
from benchmarks.peers.folders import read_folders
from benchmarks.peers.peer_list import Peer, peers
from benchmarks.peers.process import PeerProcess
from benchmarks.peers.starts import largest_parts, parts_of_a_start, starts
from benchmarks.pictures import frames
from core.inference.installed import default_model, installed
from core.labels import FER7
from training import text_tables
from training.datasets import Dataset
from training.evaluation.measurement import FOLDER as REPORTS

TITLE = "Beside other programs"
US = "Mien"
_QUICK_FOLDERS = "Mien, `--search quick`"

FASTER, START_S, MEMORY_MB, POINTS = 3.0, 1.5, 220.0, 8.0
"""Aims: frames a second as a multiple of fer's and human's; cold start in seconds; memory for one photo in megabytes;
percentage points of accuracy above fer."""


def measure(quick: bool, data: Path | None, asked: Sequence[Peer] | None = None) -> dict:
    """Measure every program that can be installed on this machine.

    Args:
        quick: Whether a few pictures are enough.
        data: Dataset file whose PrivateTest the programs read; without it their accuracy is left out.
        asked: Programs to measure; all of `peers()` by default.

    Returns:
        `peers`, the figures of each program by name; `folders`, those of the photographs; `start`, parts of Mien's
        start; `best`, the most accurate model here; and `missing`, the reason for each program that was not measured.
    """
    found, missing = {}, {}
    for peer in peers() if asked is None else asked:
        try:
            peer.install()
        except NotInstallable as error:
            missing[peer.name] = str(error)
        else:
            found[peer.name] = peer
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = starts(found, missing, folder, 1 if quick else 7)
        _frames(found, results, folder, 5 if quick else 100)
        folders = {}
        if data:
            folders = read_folders(_readers(found), folder, data, 4 if quick else 200, 1 if quick else 3)
            _crops(found, results, folder, data, 20 if quick else None)
    for name, peer in found.items():
        results[name] |= {"bytes": folder_bytes(peer.sizes), "largest": largest_parts(peer), "note": peer.note}
        if _is_ours(name):
            results[name] |= _reported(*peer.command[2:])
    start = parts_of_a_start(found[US], 1 if quick else 7) if US in found else {}
    best = max((_reported(model) for model in installed()), key=lambda one: one.get("accuracy", 0.0))
    return {"peers": results, "folders": folders, "start": start, "best": best, "missing": missing}


def _is_ours(name: str) -> bool:
    return name.startswith(US)


def _readers(found: Mapping[str, Peer]) -> dict[str, Peer]:
    """The programs, and Mien once more with its quick search."""
    readers = dict(found)
    if US in found and found[US].reads_folders:
        quick = (*found[US].reads_folders, "--search", "quick")
        readers[_QUICK_FOLDERS] = replace(found[US], name=_QUICK_FOLDERS, reads_folders=quick)
    return readers


def _frames(found: dict[str, Peer], results: dict[str, dict], folder: Path, rounds: int) -> None:
    paths = [folder / f"frame-{index}.png" for index in range(min(rounds, 10))]
    for path, picture in zip(paths, frames(len(paths)), strict=True):
        Image.fromarray(picture).save(path)
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(PeerProcess(found[name].command, folder / f"{name}.log")) for name in found
        }
        faces: dict[str, list[int]] = {name: [] for name in found}
        turn = dict.fromkeys(found, 0)

        def ask(name: str) -> float:
            answer = running[name].ask(paths[turn[name] % len(paths)], "frame")
            turn[name] += 1
            faces[name].append(answer["faces"])
            return answer["ms"]

        calls = {name: lambda name=name: ask(name) for name in found}
        thorough = {name: f"{name}, thorough" for name in found if _is_ours(name)}
        calls |= {call: lambda name=name: running[name].ask(paths[0], "photo")["ms"] for name, call in thorough.items()}
        alternating(calls, len(paths))  # each program has seen each picture once
        times = alternating(calls, rounds)
        for name, call in thorough.items():
            results[name]["thorough_ms"] = spread(times[call])
        for name, process in running.items():
            results[name] |= {
                "frame_ms": spread(times[name]),
                "frames_with_one_face": float(np.mean([count == 1 for count in faces[name]])),
                "memory_mb": process.peak_bytes() / 1e6,
            }


def _crops(found: dict[str, Peer], results: dict[str, dict], folder: Path, data: Path, count: int | None) -> None:
    """Show the other programs PrivateTest as 48x48 pictures of faces; Mien's accuracy comes from its stored report."""
    rows = Dataset.load(data, ("private-test",))[:count]
    paths = [folder / f"{index:05}.png" for index in range(len(rows))]
    for path, image in zip(paths, rows.images, strict=True):
        Image.fromarray(image).save(path)
    for name, peer in found.items():
        if _is_ours(name):
            continue
        with PeerProcess(peer.command, folder / "log") as process:
            labels = [process.ask(path, "crop")["label"] for path in paths]
        right = [label == FER7.labels[truth] for label, truth in zip(labels, rows.labels, strict=True)]
        results[name] |= {"accuracy": float(np.mean(right)), "images": len(right)}


def _reported(model: str | None = None) -> dict:
    """Name and PrivateTest accuracy of a model, the default one if not given, as `evaluate --final` has stored them."""
    model = model or default_model()
    path = REPORTS / f"{model}.json"
    if not path.is_file():
        return {"model": model}
    report = json.loads(path.read_text())["card"]["metrics"]["private_test"]
    return {"model": model, "accuracy": report["accuracy"], "images": report["n"]}


def describe(figures: dict) -> list[str]:
    """Write the section as paragraphs in Markdown from the result of `measure`."""
    results = figures["peers"]
    header = [
        "",
        "PrivateTest",
        "ms a frame",
        "ms, `thorough`",
        "frames with the face",
        "cold start, s",
        "peak, one photo",
        "peak, all frames",
        "installed",
    ]
    rows = [
        [
            f"{US} (`{one['model']}`)" if "model" in one else name,
            f"{one['accuracy']:.1%} of {one['images']:,}" if "accuracy" in one else "not measured",
            wording.spread_ms(one["frame_ms"]),
            wording.spread_ms(one["thorough_ms"]) if "thorough_ms" in one else "-",
            f"{one['frames_with_one_face']:.0%}",
            wording.spread_ms(one["start_s"]),
            f"{one['first_mb']:.0f} MB",
            f"{one['memory_mb']:.0f} MB",
            f"{one['bytes'] / 1e6:,.0f} MB",
        ]
        for name, one in results.items()
    ]
    return [
        "All programs read the same pictures in alternating turns: frames of 640x480 with one face, each searched from "
        "scratch, without a mesh; a photo, read by a process that was just started; and the faces of PrivateTest, "
        "given without a search to the part that names the expression. Mien's accuracy is that of its stored report. "
        "Times are medians, with 95th percentiles in brackets. No size includes Python or Node, and no time includes "
        "the decoding of a frame.",
        text_tables.markdown(header, rows),
        *_photographs(figures["folders"]),
        "\n".join(f"- {name}: {one['note']}" for name, one in results.items() if one["note"]),
        *(f"**{name} could not be asked**: {reason}." for name, reason in figures["missing"].items()),
        "\n".join(f"- {line}" for line in _verdicts(figures)),
    ]


def _photographs(folders: Mapping[str, dict]) -> list[str]:
    """The table of the photographs, where a dataset gave their faces."""
    if not folders:
        return []
    rows = [
        [
            name,
            f"{one['folder_s']['median']:.1f} s",
            f"{one['folder_saw'] / one['folder_photos']:.1%}",
            f"{one['folder_more'] / one['folder_photos']:.1%}",
            f"{1e3 * _seconds_a_find(one):.0f} ms",
        ]
        for name, one in folders.items()
    ]
    count = next(iter(folders.values()))["folder_photos"]
    return [
        f"A folder of {count} made-up photographs of 640x480, in each of which one face of PublicTest is 24 to 300 "
        "pixels large, turned by up to 20 degrees, every second one in dim light: seconds from the start of the "
        "process to the last answer, decoding included, median of the rounds.",
        text_tables.markdown(["", "a folder", "with a face seen", "with more than one", "for each face seen"], rows),
    ]


def _seconds_a_find(one: Mapping) -> float:
    return one["folder_s"]["median"] / max(one["folder_saw"], 1)


def _verdicts(figures: Mapping) -> list[str]:
    results, folders = figures["peers"], figures["folders"]
    if US not in results:
        return ["Mien itself could not be asked, so nothing is compared."]
    us, lines = results[US], []
    for name, them in results.items():
        if _is_ours(name):
            continue
        ratio = them["frame_ms"]["median"] / us["frame_ms"]["median"]
        aim = FASTER if name.startswith(("fer", "human")) else 1.0
        lines.append(wording.at_least(f"Frames a second, as a multiple of {name}'s", ratio, aim))
        if ratio < aim:
            lines[-1] += " [Where the time goes](#where-the-time-goes) has the parts of Mien's."
        if name in folders and US in folders:
            lines.append(_compared_folders(folders, name))
        lines.append(wording.compared("Cold start", us["start_s"]["median"], them["start_s"]["median"], name))
        lines.append(wording.compared("Memory for one photo", us["first_mb"], them["first_mb"], name))
        lines.append(wording.compared("Installed size", us["bytes"], them["bytes"], name))
        if "accuracy" in us and "accuracy" in them:
            points = 100 * (us["accuracy"] - them["accuracy"])
            if name.startswith("fer"):
                lines.append(wording.at_least(f"Points of accuracy above {name}", points, POINTS))
                best = figures["best"]
                lines[-1] += (
                    f" Those of the most accurate model here, `{best['model']}`, are "
                    f"{100 * (best['accuracy'] - them['accuracy']):.2f}."
                )
            else:
                side = "above" if points >= 0 else "**below**"
                lines.append(f"Accuracy: Mien is {abs(points):.1f} points {side} {name}.")
    lines.append(wording.at_most("Cold start to the first answer", us["start_s"]["median"], START_S, " s"))
    if start := figures["start"]:
        lines[-1] += (
            f" Python alone takes {start['python']:.2f} s, the import of the engine "
            f"{start['import'] - start['python']:.2f} s; the rest opens the networks and reads the photo."
        )
    lines.append(wording.at_most("Memory for one photo", us["first_mb"], MEMORY_MB, " MB"))
    if start:
        lines[-1] += f" Of these, {start['import_mb']:.0f} MB are Python and the import of the engine."
    largest = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in us["largest"].items())
    lines.append(f"The largest parts of Mien's installation: {largest}.")
    return lines


def _compared_folders(folders: Mapping[str, dict], name: str) -> str:
    ours, theirs = folders[US], folders[name]
    line = wording.compared("A folder of photographs", ours["folder_s"]["median"], theirs["folder_s"]["median"], name)
    found = wording.compared("For each face seen", _seconds_a_find(ours), _seconds_a_find(theirs), name)
    return f"{line} {found}"
