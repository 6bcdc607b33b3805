"""MediaPipe's vision tasks, imported without what their package drags in.

`import mediapipe` imports TensorFlow wherever that is installed (only to leave functions out of MediaPipe's own
documentation): seconds of start-up, and a crash where streamlit-webrtc comes later in the same process. It also imports
Matplotlib for drawing that Mien does not use (three quarters of the rest of the time), and opens the audio system.
`load_vision` keeps all three out, in the importing thread and during that import only.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

_ABSENT = frozenset({"tensorflow", "sounddevice"})  # MediaPipe does without them where they are not installed
_EMPTY = frozenset(f"mediapipe.tasks.python.vision.drawing_{part}" for part in ("styles", "utils"))


class _EmptyModule(Loader):
    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is: empty."""


class _Guard(MetaPathFinder):
    """Answers for the modules to keep out, to one thread: another may be importing them for good reason."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if threading.get_ident() != self._thread:
            return None
        if fullname in _ABSENT:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return ModuleSpec(fullname, _EmptyModule()) if fullname in _EMPTY else None


@contextmanager
def _guarded() -> Iterator[None]:
    guard = _Guard()
    sys.meta_path.insert(0, guard)
    try:
        yield
    finally:
        sys.meta_path.remove(guard)


_lock = threading.Lock()


@functools.cache
def _vision() -> SimpleNamespace:
    with _guarded():
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    return SimpleNamespace(
        BaseOptions=BaseOptions,
        FaceDetector=vision.FaceDetector,
        FaceDetectorOptions=vision.FaceDetectorOptions,
        FaceLandmarker=vision.FaceLandmarker,
        FaceLandmarkerOptions=vision.FaceLandmarkerOptions,
        ImageEmbedder=vision.ImageEmbedder,
        ImageEmbedderOptions=vision.ImageEmbedderOptions,
        RunningMode=vision.RunningMode,
        Image=mediapipe.Image,
        ImageFormat=mediapipe.ImageFormat,
    )


def load_vision() -> SimpleNamespace:
    """Import MediaPipe's vision tasks, once, and give what Mien uses of them by MediaPipe's own names.

    Returns:
        A namespace with `BaseOptions`, `RunningMode`, `Image`, `ImageFormat`, and `FaceDetector`, `FaceLandmarker` and
        `ImageEmbedder`, each with its `…Options`.
    """
    with _lock:
        return _vision()


@contextmanager
def native_logs_hidden() -> Iterator[None]:
    """Drop what native code writes to stderr, for a command line; Python's own messages still arrive.

    MediaPipe and LiteRT log to file descriptor 2 and offer no switch. The descriptor belongs to the whole process, so
    it does not suit a server.
    """
    sys.stderr.flush()
    python_stderr = sys.stderr
    with (
        open(os.devnull, "wb") as nowhere,
        os.fdopen(os.dup(2), "w", buffering=1, encoding=python_stderr.encoding, errors="backslashreplace") as terminal,
    ):
        if _writes_to_terminal(python_stderr):
            sys.stderr = terminal
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal.fileno(), 2)
            sys.stderr = python_stderr


def _writes_to_terminal(stream: Any) -> bool:
    try:
        return stream.fileno() == 2
    except (AttributeError, OSError):  # replaced by a test or a notebook: it has no descriptor
        return False
