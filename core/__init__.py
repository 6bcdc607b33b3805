"""The engine: a picture goes in, readings come out.

Examples:
    >>> import mien  # doctest: +SKIP
    >>> mien.Recognizer().read("photo.jpg")[0].label  # doctest: +SKIP
    'happy'

In a checkout this package is called `core`, and its names are imported from its modules. Each name in `__all__` is
loaded when it is first used, so that importing one module does not load the libraries of the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .corrections import Baseline
    from .errors import AssetError, ImageError, MienError, ModelError, SinkError, VideoError
    from .images import read_image
    from .output.draw import annotate
    from .output.sinks import open_sink
    from .readings import Answer, Face, Frame, Reading
    from .recognizer import Recognizer
    from .streams.session import Session
    from .video.clip import Clip

__all__ = [
    "Answer",
    "AssetError",
    "Baseline",
    "Clip",
    "Face",
    "Frame",
    "ImageError",
    "MienError",
    "ModelError",
    "Reading",
    "Recognizer",
    "Session",
    "SinkError",
    "VideoError",
    "annotate",
    "open_sink",
    "read_image",
]

_MODULES = {
    "corrections": ("Baseline",),
    "errors": ("AssetError", "ImageError", "MienError", "ModelError", "SinkError", "VideoError"),
    "images": ("read_image",),
    "output.draw": ("annotate",),
    "output.sinks": ("open_sink",),
    "readings": ("Answer", "Face", "Frame", "Reading"),
    "recognizer": ("Recognizer",),
    "streams.session": ("Session",),
    "video.clip": ("Clip",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
