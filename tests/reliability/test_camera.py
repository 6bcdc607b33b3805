"""A camera whose pictures change in mid-stream, as when a phone is turned or another camera chosen."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.recognizer import Recognizer
from core.streams.session import SessionOptions
from webapp.ui.live.stream import LiveStream

SIZES = [
    (640, 480),
    (480, 640),
    (1280, 720),
    (641, 481),
    (320, 240),
    (2, 2),
    (16, 2000),
    (1, 1),
    (1920, 1080),
    (640, 480),
]
FORMATS = ["yuv420p", "rgb24", "bgr24", "rgba", "gray8", "yuv422p", "nv12", "yuvj420p", "yuv444p"]


def frame(width, height, layout, number):
    face = cv2.resize(astronaut()[:, 100:400], (width, height), interpolation=cv2.INTER_AREA)
    shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(face), format="rgb24").reformat(format=layout)
    shown.pts, shown.time_base = number * 3000, Fraction(1, 90_000)
    return shown


@pytest.mark.parametrize("with_mesh", [False, True])
def test_every_picture_comes_back_as_large_as_it_was(with_mesh, detector, mesh):
    stream = LiveStream()
    stream.recognizer, stream.options = Recognizer(), SessionOptions(mesh=with_mesh)
    number = 0
    for size in SIZES:
        for layout in FORMATS if size == (640, 480) else FORMATS[:2]:
            number += 1
            sent = stream.read(frame(*size, layout, number))
            assert (sent.width, sent.height) == size
            assert (stream.frame.width, stream.frame.height) == size
            assert stream.failures == 0, (size, layout, stream.failure)
    assert stream.frame.readings
    stream.end()
