"""Whether a live stream leaks memory or threads: `python -m benchmarks.soak.live_stream [--frames N] [--mesh]`.

Sends frames through the callback of the live page and compares the memory after the first tenth with that at the end.
Then opens and closes streams with the face mesh, for which each starts MediaPipe's landmarker, and counts threads and
memory. Exits with 1 if either grows.
"""

import argparse
import gc
import os
import sys
import time
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.measuring import resident_bytes
from benchmarks.pictures import frames
from core.recognizer import Recognizer
from core.runtime.mediapipe_guard import native_logs_hidden
from core.streams.session import SessionOptions
from webapp.ui.live.stream import LiveStream

GROWTH_ALLOWED = 0.05


def film() -> list[av.VideoFrame]:
    """Twenty frames of 640x480 in which one face moves; the last two are black."""
    film = []
    for index, picture in enumerate(frames(20)):
        frame = av.VideoFrame.from_ndarray(picture if index < 18 else picture * 0, format="rgb24")
        frame.pts, frame.time_base = index * 6000, Fraction(1, 90_000)
        film.append(frame)
    return film


def memory_mb() -> float:
    """Resident memory of this process, in megabytes."""
    gc.collect()
    return resident_bytes(os.getpid()) / 1e6


def threads() -> int:
    """Number of threads of this process, MediaPipe's included."""
    return len(list(Path("/proc/self/task").iterdir()))


def soak(recognizer: Recognizer, frames: list[av.VideoFrame], count: int, mesh: bool) -> bool:
    """Send frames through one stream, and say whether memory stayed the same.

    Args:
        recognizer: Recognizer to use.
        frames: Frames to send in a circle.
        count: Number of frames to send.
        mesh: Whether the stream asks for the face mesh.
    """
    stream = LiveStream()
    stream.recognizer, stream.options = recognizer, SessionOptions(mesh=mesh)
    early = 0.0
    for index in range(count):
        stream.read(frames[index % len(frames)])
        if index + 1 == count // 10:
            early = memory_mb()
    late = memory_mb()
    failures = stream.failures
    stream.end()
    growth = late / early - 1
    print(
        f"{count:,} frames: {early:.0f} MB after the first {count // 10:,}, {late:.0f} MB at the end "
        f"({growth:+.1%}), {failures} failures"
    )
    return growth < GROWTH_ALLOWED and not failures


def open_and_close(recognizer: Recognizer, frames: list[av.VideoFrame], count: int) -> bool:
    """Open and close streams, and say whether threads and memory are the same after twice as many.

    Args:
        recognizer: Recognizer to use.
        frames: Frames, of which each stream is sent three.
        count: Number of streams before the first measurement, and again before the second.
    """
    seen = []
    for _ in range(2):
        for _ in range(count):
            stream = LiveStream()
            stream.recognizer, stream.options = recognizer, SessionOptions(mesh=True)
            for frame in frames[:3]:
                stream.read(frame)
            if stream.failures:
                print(f"The frames cannot be read: {stream.failure}")
                return False
            stream.end()
        time.sleep(1.0)  # MediaPipe's threads end a moment after their graph
        seen.append((threads(), memory_mb()))
    (before, before_mb), (after, after_mb) = seen
    print(
        f"streams with mesh opened and closed: {before} threads and {before_mb:.0f} MB after {count}, "
        f"{after} threads and {after_mb:.0f} MB after {count} more ({after_mb / before_mb - 1:+.1%})"
    )
    return after <= before and after_mb / before_mb - 1 < GROWTH_ALLOWED


def main() -> None:
    """Measure both, print the results, and exit with 1 if either grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.live_stream", description=__doc__)
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--mesh", action="store_true", help="with the face mesh in the long stream too")
    options = parser.parse_args()
    with native_logs_hidden():
        recognizer, seen = Recognizer(), film()
        passed = [
            soak(recognizer, seen, options.frames, options.mesh),
            open_and_close(recognizer, seen, options.sessions),
        ]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
