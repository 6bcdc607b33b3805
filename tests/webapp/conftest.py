"""What the tests of the pages share: a stand-in for the engine, pages without a browser, and servers."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from core.cards import Card, Output
from core.corrections import Baseline
from core.errors import ImageError
from core.images import read_image
from core.labels import FER7
from core.readings import Answer, Face, FaceQuality, Frame, Reading

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120  # a busy machine answers slowly


def make_reading(label="happy", number=None, left=0.0, side=60.0, raw=None):
    """A reading of a face that is turned aside; `raw` is the label of its plain answer, if that is another one."""
    quality = FaceQuality(pixels=side / 3, turn=0.9, roll=0, sharpness=1, light=0.5, inside=1)
    crop = np.zeros((48, 48, 3), np.uint8)
    face = Face((left, 0, side, side), 0.9, ((left, 1), (left + 1, 1)), (left, 2), quality, crop)
    answers, raw_answers = (
        {"fer7": Answer({name: 0.94 if name == likely else 0.01 for name in FER7.labels})} if likely else None
        for likely in (label, raw)
    )
    return Reading(face, answers, number, raw_answers)


class FakeRecognizer:
    """Sees a happy face, two in a wide picture, none in a black one; with a baseline sad ones; one in any "crop"."""

    baseline, search, at_rest = None, "thorough", "neutral"
    card = Card("m", "quick", "", {}, {"fer7": Output(FER7.labels, "", unsure_below=0.5)}, {}, {})

    def __init__(self, model=None):
        self.model = model
        self.pictures_read = 0
        self.baselines_taken = 0

    def read_frame(self, picture):
        self.pictures_read += 1
        pixels = read_image(picture)
        height, width = pixels.shape[:2]
        count = 0 if not pixels.any() else 1 + (width > height)
        count = 1 if self.search == "crop" else count
        label, raw = ("sad", "happy") if self.baseline else ("happy", None)
        places = [(number * width / 2, height / 2) for number in range(count)]
        return Frame(width, height, tuple(make_reading(label, None, left, side, raw) for left, side in places))

    def with_search(self, search):
        self.search = search
        return self

    def with_baseline(self, picture):
        self.baselines_taken += 1
        if not read_image(picture).any():
            raise ImageError("No baseline can be taken from this picture: it shows no face; choose another picture.")
        other = type(self)(self.model)
        other.baseline = Baseline.of([make_reading(self.at_rest).answers])
        return other


@pytest.fixture
def recognizer():
    return FakeRecognizer()


@pytest.fixture
def reading():
    """Make a reading: `reading("happy", number=1)`."""
    return make_reading


class FakeSession(AbstractContextManager):
    """Sees face 1 in bright pictures, face 2 beside it after a second, then face 3, and none in dark pictures."""

    pause_s = 0.0

    def __init__(self, recognizer, options, search):
        pass

    def __exit__(self, *_):
        pass

    def read(self, picture, time_s):
        time.sleep(self.pause_s)
        height, width = picture.shape[:2]
        if picture.mean() < 60:
            return Frame(width, height, ())
        label = "happy" if time_s < 1 else "sad"
        numbers = (1,) if time_s < 1 else (1, 2) if time_s < 1.5 else (3,)
        return Frame(width, height, tuple(make_reading(label, number, raw=label) for number in numbers))


@pytest.fixture
def fake_session(recognizer, monkeypatch):
    """Read clips with the stand-ins; the class of the session, of which `pause_s` may be set."""
    from webapp.ui.shared import engine
    from webapp.ui.video import job

    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    monkeypatch.setattr(job, "Session", FakeSession)
    monkeypatch.setattr(FakeSession, "pause_s", 0.0)
    return FakeSession


@pytest.fixture(scope="session")
def clips(tmp_path_factory, write_clip):
    """Encoded clips by what is in them: two seconds of faces, four, darkness, a file that breaks off, and text."""
    bright = np.full((64, 96, 3), 200, np.uint8)

    def clip(name, pictures, **options):
        path = tmp_path_factory.mktemp(name) / "clip.mp4"
        return write_clip(path, pictures, np.arange(len(pictures)) / 10, **options).read_bytes()

    whole = clip("noisy", np.random.default_rng(0).integers(120, 255, (20, 64, 96, 3), np.uint8), movflags="faststart")
    return {
        "faces": clip("faces", [bright] * 20),
        "long": clip("long", [bright] * 40),
        "dark": clip("dark", [bright // 10] * 20),
        "cut": whole[: len(whole) // 2],
        "text": b"not a video",
    }


class Page:
    """A page of the studio without a browser: Streamlit's AppTest, whose attributes are the page's elements."""

    def __init__(self, name):
        from streamlit.testing.v1 import AppTest

        self.app = AppTest.from_file(ROOT / "webapp" / "Home.py", default_timeout=PATIENCE_S).run()
        if name != "start":
            self.app.switch_page(f"screens/{name}.py").run()
        assert not self.app.exception

    def __getattr__(self, name):
        return getattr(self.app, name)

    def run(self):
        """Run the page again, as it does after a change; returns the page."""
        self.app.run()
        assert not self.app.exception
        return self

    def texts(self, kind):
        """The values of all elements of a kind, such as "markdown"."""
        return [element.value for element in getattr(self.app, kind)]

    def says(self, text, *kinds):
        """Whether an element of these kinds, else of any that holds text, contains a text."""
        kinds = kinds or ("markdown", "caption", "info", "success", "warning", "error")
        return any(text in value for kind in kinds for value in self.texts(kind))

    def the(self, kind, label):
        """The first element of a kind with that label."""
        return next(element for element in getattr(self.app, kind) if element.label == label)

    def press(self, label):
        """Press the first button with that label."""
        self.the("button", label).click()
        return self.run()

    def set(self, kind, label, value):
        """Choose a value in the widget of a kind with that label."""
        self.the(kind, label).set_value(value)
        return self.run()

    def upload(self, *files, place=0):
        """Give files, as (name, content, type), to an uploader."""
        self.app.file_uploader[place].set_value(list(files) if len(files) > 1 else files[0])
        return self.run()

    def until(self, done):
        """Run the page again and again, unless and until `done(page)`."""
        deadline = time.monotonic() + PATIENCE_S
        while not done(self):
            assert time.monotonic() < deadline, self.texts("markdown")
            time.sleep(0.1)
            self.run()
        return self

    def settled(self):
        """The page once nothing is being worked on."""
        return self.until(lambda page: not page.says("…", "markdown") and not page.get("progress"))

    @property
    def pictures(self):
        """The HTML of all picture walls, those with buttons among them."""
        walls = [
            json.loads(each.proto.json or each.proto.mixed.json)["html"] for each in self.app.get("bidi_component")
        ]
        return " ".join([*self.texts("html"), *walls])

    @property
    def charts(self):
        return self.app.get("plotly_chart")


@pytest.fixture
def open_page(monkeypatch):
    """Open a page as a new visitor of a studio that was started just now: `open_page("photo")`."""
    import streamlit as st

    monkeypatch.setenv("MIEN_MODE", "private")

    def opened(name="photo", mode="private"):
        monkeypatch.setenv("MIEN_MODE", mode)
        st.cache_resource.clear()
        st.cache_data.clear()
        return Page(name)

    return opened


@pytest.fixture(scope="session")
def pictures():
    """Encoded pictures by how many faces the stand-in sees in them, and one that is none."""

    def png(width, height, grey):
        return cv2.imencode(".png", np.full((height, width), grey, np.uint8))[1].tobytes()

    return {0: png(60, 60, 0), 1: png(60, 60, 200), 2: png(90, 60, 200), "broken": b"not a picture"}


@pytest.fixture(scope="session")
def portrait(tmp_path_factory):
    """Path of a real photo with one happy face."""
    path = tmp_path_factory.mktemp("photos") / "astronaut.png"
    Image.fromarray(astronaut()).save(path)
    return path


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Start `python ARGUMENTS…` in a folder with a free port for "{port}"; its address. It stops with the session.

    `newest` is the process that was started last and `log` what it wrote.
    """
    servers = []

    def start(*arguments, folder=ROOT, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = tmp_path_factory.mktemp("server") / "log"
        command = [sys.executable, *(argument.format(port=port) for argument in arguments)]
        env = os.environ | {name: value.format(port=port) for name, value in environment.items()}
        with log.open("w") as output:
            servers.append(subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT))
        start.newest, start.log = servers[-1], log
        _wait_for(port, servers[-1], log)
        return f"http://localhost:{port}"

    yield start
    for server in servers:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port, server, log):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def studio(serve, detector):
    """Address of the running studio, which takes uploads of 1 MB."""
    options = ["--server.port={port}", "--server.fileWatcherType=none", "--server.maxUploadSize=1"]
    return serve("-m", "streamlit", "run", "webapp/Home.py", *options)


@pytest.fixture(scope="session")
def space_folder(tmp_path_factory):
    """Folder for what the running Space writes."""
    return tmp_path_factory.mktemp("space")


@pytest.fixture(scope="session")
def space(serve, detector, space_folder):
    """Address of the running Space."""
    return serve("webapp/space/app.py", GRADIO_SERVER_PORT="{port}", TMPDIR=str(space_folder))
