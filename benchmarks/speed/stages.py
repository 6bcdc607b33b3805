"""Section of the page on the stages of a reading, and how far each is from what this processor could do.

It measures one frame with one face. Every stage has its turn in each round, so that a busy machine slows all alike.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import machine, wording
from benchmarks.measuring import alternating, milliseconds, spread
from benchmarks.pictures import photograph
from benchmarks.speed.network_arithmetic import is_whole, operations
from core.faces import detector
from core.faces.alignment import SIDE, align
from core.faces.finder import FaceFinder
from core.faces.pyramid import Pyramid
from core.images import read_image
from core.inference.artifact import MODEL_FILE, Artifact
from core.inference.installed import default_model
from core.model_store import folder_of
from core.output.draw import annotate
from core.recognizer import Recognizer
from core.runtime.assets import FACE_DETECTOR, path_of
from core.runtime.mediapipe_guard import load_vision, native_logs_hidden
from training import text_tables

TITLE = "Where the time goes"

WHOLE_WITH_VNNI, WHOLE_WITHOUT = 4, 2
"""Whole numbers that a processor multiplies in the place of one float: four bytes by VNNI, two words without it."""

_FRAME = ("find faces, quick", "align the crop", "compute the feature", "classify")


@dataclass(frozen=True)
class Stage:
    """One part of a reading.

    Attributes:
        call: Function that does it once.
        operations: Number of multiplications and additions that it cannot do without.
        bytes: Number of bytes that it must read and write.
        is_whole: Whether it multiplies whole numbers, of which a processor takes several in place of a float.
    """

    call: Callable[[], object]
    operations: int = 0
    bytes: int = 0
    is_whole: bool = False


def measure(quick: bool, data: Path | None) -> dict:
    """Time every stage, and with them a matrix product and a copy, which show what the processor can do.

    Args:
        quick: Whether a few rounds are enough.
        data: Not used; every section takes it.
    """
    with ExitStack() as stack:
        stack.enter_context(native_logs_hidden())
        stack.enter_context(threadpool_limits(1))
        path = photograph(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        model, stages = _stages(path, stack)
        size = 128 if quick else 1024
        product, copy = _product(size), _Copy(1 if quick else 64)
        calls = {name: stage.call for name, stage in stages.items()} | {"product": product, "copy": copy}
        timed = {name: lambda call=call: milliseconds(call) for name, call in calls.items()}
        alternating(timed, 1 if quick else 10)  # warm the caches
        times = alternating(timed, 3 if quick else 200)
    operations_a_ms = 2 * size**3 / np.percentile(times["product"], 5)
    bytes_a_ms = 2 * copy.bytes / np.percentile(times["copy"], 5)
    whole = WHOLE_WITH_VNNI if machine.has_vnni(machine.machine(0.0)) else WHOLE_WITHOUT
    rates = {False: operations_a_ms, True: whole * operations_a_ms}
    return {
        "model": model,
        "operations_a_second": float(operations_a_ms * 1e3),
        "bytes_a_second": float(bytes_a_ms * 1e3),
        "whole": whole,
        "stages": {
            name: {
                "ms": spread(times[name]),
                "operations": stage.operations,
                "bytes": stage.bytes,
                "floor_ms": float(max(stage.operations / rates[stage.is_whole], stage.bytes / bytes_a_ms)),
            }
            for name, stage in stages.items()
        },
    }


def _stages(path: Path, stack: ExitStack) -> tuple[str, dict[str, Stage]]:
    recognizer, finder = Recognizer(), FaceFinder()
    artifact = Artifact(folder_of(default_model()))
    picture = read_image(path)
    pyramid = Pyramid(picture)
    frame = recognizer.read_frame(picture)
    (face,) = [reading.face for reading in frame.readings]
    feature = artifact.feature.compute(face.crop)[None]
    once = operations(path_of(FACE_DETECTOR))
    network = folder_of(default_model()) / MODEL_FILE
    stages = {"decode the JPEG": Stage(lambda: read_image(path), bytes=path.stat().st_size + picture.nbytes)}
    for search in ("quick", "thorough"):
        runs = _runs(finder, picture, search)
        stages[f"find faces, {search} ({runs} runs)"] = Stage(
            lambda search=search: finder.find(Pyramid(picture), search), runs * once, picture.nbytes
        )
    stages["align the crop"] = Stage(lambda: align(pyramid, face.eyes, face.mouth), bytes=2 * 3 * SIDE**2)
    stages[f"compute the feature ({artifact.feature.name})"] = Stage(
        lambda: artifact.feature.compute(face.crop), bytes=face.crop.nbytes + feature.nbytes
    )
    is_there = network.is_file()
    stages["classify"] = Stage(
        lambda: artifact.predict(feature),
        operations(network) if is_there else 0,
        feature.nbytes,
        is_there and is_whole(network),
    )
    stages["draw"] = Stage(lambda: annotate(picture, frame), bytes=2 * picture.nbytes)
    stages["for scale: MediaPipe's own FaceDetector (one run)"] = Stage(
        _mediapipe(picture, stack), once, picture.nbytes
    )
    return artifact.card.name, stages


def _runs(finder: FaceFinder, picture: np.ndarray, search: str) -> int:
    run = detector._Network.run
    with patch.object(detector._Network, "run", autospec=True, side_effect=run) as counted:
        finder.find(Pyramid(picture), search)
    return counted.call_count


def _mediapipe(picture: np.ndarray, stack: ExitStack) -> Callable[[], object]:
    vision = load_vision()
    options = vision.FaceDetectorOptions(vision.BaseOptions(model_asset_path=str(path_of(FACE_DETECTOR))))
    face_detector = stack.enter_context(vision.FaceDetector.create_from_options(options))
    image = vision.Image(image_format=vision.ImageFormat.SRGB, data=picture)
    return lambda: face_detector.detect(image)


def _product(size: int) -> Callable[[], object]:
    left, right = np.random.default_rng(0).random((2, size, size), np.float32)
    result = np.empty_like(left)
    return lambda: np.matmul(left, right, out=result)


class _Copy:
    """Copies some megabytes of memory."""

    def __init__(self, megabytes: int) -> None:
        self._source = np.ones(megabytes * 2**20, np.uint8)
        self._target = np.empty_like(self._source)
        self.bytes = self._source.nbytes

    def __call__(self) -> None:
        np.copyto(self._target, self._source)


def describe(figures: dict) -> list[str]:
    """Write the section as paragraphs in Markdown from the result of `measure`."""
    rows = [
        [
            name,
            wording.spread_ms(stage["ms"]),
            f"{stage['operations'] / 1e6:,.1f}" if stage["operations"] else "",
            f"{stage['floor_ms']:.3f}",
            wording.figure(stage["ms"]["median"] / stage["floor_ms"]),
        ]
        for name, stage in figures["stages"].items()
    ]
    return [
        f"One frame of 640x480 with one face, the model `{figures['model']}`, one thread. The floor of a stage is the "
        "arithmetic of its convolutions and dense layers over what a matrix product of the same run reaches "
        f"({figures['operations_a_second'] / 1e9:,.0f} thousand million operations a second; of whole numbers, "
        f"where a network has them, {figures['whole']} times as many), or the bytes that it "
        f"must move over what a copy reaches ({figures['bytes_a_second'] / 1e9:,.1f} GB a second), whichever is more. "
        "Depthwise convolutions, turned patches and the decoding of a JPEG reach neither rate, so no stage reaches 1.",
        text_tables.markdown(["stage", "ms", "million operations", "floor, ms", "times the floor"], rows),
        _frame(figures["stages"]),
    ]


def _frame(stages: dict) -> str:
    """Sum up one frame of a stream."""
    of_a_frame = [stage for name, stage in stages.items() if name.startswith(_FRAME)]
    taken = sum(stage["ms"]["median"] for stage in of_a_frame)
    floor = sum(stage["floor_ms"] for stage in of_a_frame)
    return (
        "In a frame of a stream the face is found (quick), the crop aligned, the feature computed and the answer "
        f"given: {taken:.1f} ms in all, of which the arithmetic alone takes at least {floor:.1f}. Another program's "
        "time divided by the first shows how many times as fast Mien is; divided by the second, how many times as fast "
        "it could be with these networks."
    )
