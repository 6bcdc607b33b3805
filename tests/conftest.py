"""What every test may lean on: files that may be missing, and no way out to the internet."""

import ipaddress
import os
import socket
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import AssetError
from core.runtime import assets, paths


def _is_loopback(host):
    if host in ("localhost", "", None, b"localhost", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_internet():
    """Refuse every name and address but this machine's own."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise OSError(f"a test tried to reach {address}")
        return connect(self, address)

    def guarded_getaddrinfo(host, *args, **kwargs):
        if not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, f"a test tried to look up {host}")
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


class Guard:
    """Keeps watch over the Pythons that are started with `environment`, and over their children.

    They are refused the internet; `noted("contacts")` is what they asked of it, `noted("written")` the files that they
    opened for writing, `noted("log")` what they logged. See tests/guard/sitecustomize.py.
    """

    def __init__(self, folder):
        self._folder = folder
        path = os.pathsep.join(filter(None, [str(Path(__file__).parent / "guard"), os.environ.get("PYTHONPATH")]))
        self.environment = {"MIEN_GUARD": str(folder), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def noted(self, kind):
        path = self._folder / kind
        return path.read_text(errors="replace").splitlines() if path.exists() else []


@pytest.fixture(scope="session")
def guard(tmp_path_factory):
    """A new `Guard` at each call."""
    return lambda: Guard(tmp_path_factory.mktemp("guard"))


def _path_or_skip(asset):
    try:
        path = assets.find(asset)
    except AssetError as error:
        pytest.fail(str(error))
    if path is None:
        pytest.skip(f"the {asset.name} is not on this machine: run `python -m core fetch`")
    return path


@pytest.fixture(scope="session")
def detector():
    """Path of the face detector's file, without which no face is found."""
    return _path_or_skip(assets.FACE_DETECTOR)


@pytest.fixture(scope="session")
def mesh():
    """Path of the face mesh's file."""
    return _path_or_skip(assets.FACE_LANDMARKER)


@pytest.fixture(scope="session")
def cartoons(tmp_path_factory):
    """A dataset file of 140 cartoon faces, with votes and persons."""
    from training.datasets.cartoon import write_sample

    path = tmp_path_factory.mktemp("data") / "cartoons.parquet"
    write_sample(path, 140, seed=0)
    return path


@pytest.fixture
def only_models(monkeypatch):
    """Make a folder the one place in which this process looks for models: `only_models(folder)`."""

    def use(folder):
        monkeypatch.setenv("MIEN_MODELS", str(folder))
        monkeypatch.setattr(paths, "model_folders", lambda: [folder])

    return use


@pytest.fixture(scope="session")
def mien_data():
    """Folder with the real data, photos and videos that `MIEN_DATA` names."""
    folder = os.environ.get("MIEN_DATA")
    if not folder:
        pytest.skip("MIEN_DATA names no folder with real data and photos")
    return Path(folder)


@pytest.fixture(scope="session")
def write_clip():
    """Write pictures and their times, in seconds, as a video: `write_clip(path, pictures, times, rotation=0)`."""

    tick = Fraction(1, 1000)

    def write(path, pictures, times, rotation=0, codec="libx264", **options):
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream(codec, rate=25)
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt, stream.codec_context.gop_size = "yuv420p", 12
            stream.codec_context.time_base = tick
            if rotation:
                stream.set_display_rotation(rotation)
            for picture, time_s in zip(pictures, times, strict=True):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame.pts, frame.time_base = round(time_s / tick), tick
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return write
