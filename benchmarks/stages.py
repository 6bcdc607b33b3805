"""How long each stage of a reading takes: `python benchmarks/stages.py [--runs N] [--starts N]`.

One 640x480 photograph with one face (the astronaut, NASA), every stage in turn in each round, so that a busy machine
slows them alike. Medians and 95th percentiles, in milliseconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from skimage.data import astronaut

from core.artifacts import Artifact, default_model, folder_of
from core.assets import FACE_DETECTOR, path_of
from core.crops import lay
from core.draw import annotate
from core.faces import FaceFinder
from core.images import read_image
from core.mediapipe_guard import load_vision, native_logs_hidden
from core.pyramid import Pyramid
from core.recognizer import Recognizer


def photograph(folder: Path) -> Path:
    """A 640x480 JPEG in which her face is 100 pixels high."""
    canvas = np.full((480, 640, 3), 90, np.uint8)
    canvas[:, 64:576] = astronaut()[:480]
    path = folder / "photograph.jpg"
    Image.fromarray(canvas).save(path, quality=92)
    return path


def stages(path: Path) -> dict:
    """What is timed, by name."""
    recognizer, finder = Recognizer(), FaceFinder()
    artifact = Artifact(folder_of(default_model()))
    picture = read_image(path)
    pyramid = Pyramid(picture)
    frame = recognizer.read_frame(picture)
    (face,) = [reading.face for reading in frame.readings]
    feature = artifact.feature.compute(face.crop, face)[None]
    return {
        "for scale: MediaPipe's FaceDetector": mediapipe_detector(picture),
        "decode the JPEG": lambda: read_image(path),
        "find faces, quick": lambda: finder.find(Pyramid(picture), "quick"),
        "find faces, thorough": lambda: finder.find(Pyramid(picture), "thorough"),
        "lay the crop": lambda: lay(pyramid, face.eyes, face.mouth),
        f"classify ({artifact.card.name})": lambda: artifact.predict(feature),
        "draw": lambda: annotate(picture, frame),
    }


def mediapipe_detector(picture: np.ndarray):
    """One look of MediaPipe's own task at the whole picture: what a machine is worth today."""
    vision = load_vision()
    options = vision.FaceDetectorOptions(vision.BaseOptions(model_asset_path=str(path_of(FACE_DETECTOR))))
    detector = vision.FaceDetector.create_from_options(options)
    image = vision.Image(image_format=vision.ImageFormat.SRGB, data=picture)
    return lambda: detector.detect(image)


def timed(call) -> float:
    """Milliseconds that a call takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="rounds after warm-up")
    parser.add_argument("--starts", type=int, default=7, help="whole processes of `python -m core read`")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = photograph(Path(folder))
        with native_logs_hidden():
            calls = stages(path)
            rounds = [[timed(call) for call in calls.values()] for _ in range(options.runs + 10)][10:]
        times = {name: [row[column] for row in rounds] for column, name in enumerate(calls)}
        read = [sys.executable, "-m", "core", "read", str(path)]
        times["process start to reading printed"] = [
            timed(lambda: subprocess.run(read, check=True, capture_output=True)) for _ in range(options.starts)
        ]
    rows = {name: (np.median(values), np.percentile(values, 95)) for name, values in times.items()}
    if options.json:
        print(json.dumps({name: {"median_ms": low, "p95_ms": high} for name, (low, high) in rows.items()}, indent=2))
        return
    print(f"{'stage':<36}{'median ms':>12}{'95th pct ms':>14}")
    for name, (median, high) in rows.items():
        print(f"{name:<36}{median:>12.2f}{high:>14.2f}")


if __name__ == "__main__":
    main()
