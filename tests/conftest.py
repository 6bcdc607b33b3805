"""What every test may lean on: files that may be missing, and no way out to the internet.

A test that needs a file which a machine may lack says so, with a fixture (`detector`, `mesh`, `mien_data`) where it
wants the path, or with the marker `needs("detector", "mesh")` where it does not. All other tests, and the programs that
they start, see a machine without these files: what works on a machine that has them also works on one that has not.
"""

import importlib.util
import ipaddress
import json
import os
import socket
import sys
import tempfile
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import AssetError
from core.recipes.pretrained import EFFICIENTNET_LITE0
from core.runtime import assets, paths
from webapp.browser import runtime

_SMALL_NETWORKS = Path(__file__).with_name("small_networks.py")
_ASSETS = {
    "detector": assets.FACE_DETECTOR,
    "far_detector": assets.FAR_FACE_DETECTOR,
    "mesh": assets.FACE_MESH,
    "movements": assets.FACE_LANDMARKER,
    "efficientnet_lite0": EFFICIENTNET_LITE0,
    "litert": runtime.WASM,
    "litert_script": runtime.SCRIPT,
}
_BESIDE = {"detector": {"far_detector", "mesh"}, "litert": {"litert_script"}}  # one command fetches them all
_HIDDEN = "MIEN_TEST_FILES"  # environment variable that tells the workers of pytest-xdist what the machine has
_PROXIES = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": "localhost,127.0.0.1,::1"}
"""Let every download of a program that a test starts fail at once: nothing listens at that port."""
_OWN_PROXIES = {name: os.environ[name] for name in _PROXIES if name in os.environ}


def _files_of_this_machine():
    """Where each file that a test may ask for lies, by name; a sentence why not, with a leading "!", if it does not."""
    found = {}
    for name, asset in _ASSETS.items():
        try:
            path = assets.find(asset)
            found[name] = str(path or f"!the {asset.name} is not here; core.runtime.assets.path_of fetches it")
        except AssetError as error:
            found[name] = f"!{error}"
    found["mien_data"] = os.environ.get("MIEN_DATA") or "!MIEN_DATA names no folder with real data and photos"
    return found


def pytest_configure(config):
    """Hide what a machine may lack, before any test module is imported."""
    files = json.loads(os.environ.get(_HIDDEN) or json.dumps(_files_of_this_machine()))
    config.addinivalue_line("markers", f"needs(*names): files that a machine may lack: {', '.join(files)}")
    scratch = tempfile.TemporaryDirectory(prefix="mien-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(scratch.cleanup)
    config.stash[_FILES] = _Files(files, Path(scratch.name))
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ.setdefault("MPLCONFIGDIR", str(caches / "matplotlib"))  # which would look over all fonts once more
    os.environ |= {_HIDDEN: json.dumps(files), "XDG_CACHE_HOME": str(Path(scratch.name, "cache"))}
    os.environ |= _PROXIES
    config.stash[_FILES].show(set())


def pytest_collection_modifyitems(items):
    """Mark what asks by a fixture too, so that `-m needs` selects all tests that ask."""
    for item in items:
        if asked := item.config.stash[_FILES].names & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.needs(*asked))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Before any fixture of a test is set up: show it the files that it asks for, and no others."""
    asked = {name for marker in item.iter_markers("needs") for name in marker.args}
    files = item.config.stash[_FILES]
    files.show(asked)
    for name in asked:
        files.path(name)  # skips the test where this machine has none


class _Files:
    """The files that a machine may lack, and which of them can be seen at present."""

    def __init__(self, places, scratch):
        self.names, self._places, self._scratch, self._shown = set(places), places, scratch, None

    def path(self, name):
        """A path to one of them; skips the test where this machine has none."""
        place = self._places[name]
        if place.startswith("!"):
            pytest.skip(place[1:])
        return self._folder({name}) / Path(place).name if name in _ASSETS else Path(place)

    def show(self, names):
        """Let this process, and those that it starts, see these files and no others."""
        if names == self._shown:
            return
        self._shown = names
        os.environ["MIEN_ASSETS"] = str(self._folder(names))
        os.environ.pop("MIEN_DATA", None)
        if "mien_data" in names and not self._places["mien_data"].startswith("!"):
            os.environ["MIEN_DATA"] = self._places["mien_data"]
        self._forget_loaded_models()

    @staticmethod
    def _forget_loaded_models():
        """Empty the caches that keep what an earlier test has loaded from the files."""
        rooms = ("core.cli", "core.faces", "core.features")
        for module in [module for name, module in sys.modules.items() if name.startswith(rooms)]:
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
        if "streamlit" in sys.modules:
            sys.modules["streamlit"].cache_resource.clear()
        if loky := sys.modules.get("joblib.externals.loky"):
            loky.get_reusable_executor().shutdown()  # its workers see the files that were there when they started

    def _folder(self, names):
        names = set(names).union(*(_BESIDE.get(name, ()) for name in names))
        places = {name: Path(self._places[name]) for name in sorted(names & _ASSETS.keys())}
        places = {name: place for name, place in places.items() if not self._places[name].startswith("!")}
        folder = self._scratch / ("-".join(places) or "none")
        folder.mkdir(exist_ok=True)
        for place in places.values():
            if not (folder / place.name).exists():
                (folder / place.name).symlink_to(place)
        return folder


_FILES = pytest.StashKey[_Files]()


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
        self.environment |= dict.fromkeys(_PROXIES, "")  # it is the guard that refuses, and notes what was asked for

    def noted(self, kind):
        path = self._folder / kind
        return path.read_text(errors="replace").splitlines() if path.exists() else []


@pytest.fixture(scope="session")
def guard(tmp_path_factory):
    """A new `Guard` at each call."""
    return lambda: Guard(tmp_path_factory.mktemp("guard"))


@pytest.fixture(scope="session")
def detector(request):
    """Path of the face detector's file, without which no face is found."""
    return request.config.stash[_FILES].path("detector")


@pytest.fixture(scope="session")
def far_detector(request):
    """Path of the far-face detector's file."""
    return request.config.stash[_FILES].path("far_detector")


@pytest.fixture(scope="session")
def mesh(request):
    """Path of the file of the smaller face mesh, which models read."""
    return request.config.stash[_FILES].path("mesh")


@pytest.fixture(scope="session")
def movements(request):
    """Path of the file of the larger face mesh and of the movements."""
    return request.config.stash[_FILES].path("movements")


@pytest.fixture(scope="session")
def efficientnet_lite0(request):
    """Path of the PyTorch state dict that `transfer-efficientnet` begins with."""
    return request.config.stash[_FILES].path("efficientnet_lite0")


@pytest.fixture(scope="session")
def package_index():
    """Let the programs that a test starts in a block reach a package index: `with package_index():`."""

    @contextmanager
    def reach():
        with pytest.MonkeyPatch.context() as patch:
            for name in _PROXIES:
                patch.delenv(name)
            for name, value in _OWN_PROXIES.items():
                patch.setenv(name, value)
            yield

    return reach


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
def mien_data(request):
    """Folder with the real data, photos and videos that `MIEN_DATA` names."""
    return request.config.stash[_FILES].path("mien_data")


@pytest.fixture(scope="session")
def write_clip():
    """Write pictures and their times, in seconds, as a video; `aspect` is the width of each pixel over its height."""
    tick = Fraction(1, 1000)

    def write(path, pictures, times, rotation=0, aspect=1, codec="libx264", **options):
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream(codec, rate=25)
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt, stream.codec_context.gop_size = "yuv420p", 12
            stream.codec_context.time_base, stream.codec_context.sample_aspect_ratio = tick, Fraction(aspect)
            if rotation:
                stream.set_display_rotation(rotation)
            for picture, time_s in zip(pictures, times, strict=True):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame.pts, frame.time_base = round(time_s / tick), tick
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return write


@pytest.fixture(scope="session")
def networks():
    """The module `small_networks`, which writes `.onnx` and `.tflite` files."""
    for name in ("onnx", "onnxruntime"):
        pytest.importorskip(name)
    spec = importlib.util.spec_from_file_location("small_networks", _SMALL_NETWORKS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
