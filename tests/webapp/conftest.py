"""A stand-in for the engine, a server in a process of its own, and a browser to look at it."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from core.errors import ImageError
from core.images import read_image
from core.labels import FER7
from core.readings import Answer, Face, FaceQuality, Frame, Reading

ROOT = Path(__file__).parents[2]
BROWSER_FLAGS = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


class FakeRecognizer:
    """Sees a happy face in every picture, two in a wide one, none in a black one; with a baseline, a sad one."""

    baseline = None

    def __init__(self, model=None):
        self.model = model
        self.pictures_read = 0
        self.baselines_taken = 0

    def read_frame(self, picture):
        self.pictures_read += 1
        pixels = read_image(picture)
        height, width = pixels.shape[:2]
        count = 0 if not pixels.any() else 1 + (width > height)
        return Frame(width, height, tuple(self._reading(number * width / 2, height / 2) for number in range(count)))

    def with_baseline(self, picture):
        self.baselines_taken += 1
        if not read_image(picture).any():
            raise ImageError("No baseline can be taken from this picture: it shows no face; choose another picture.")
        other = type(self)(self.model)
        other.baseline = "taken"
        return other

    def _reading(self, left, side):
        crop = np.zeros((48, 48, 3), np.uint8)
        quality = FaceQuality(pixels=side / 3, turn=0.9, roll=0, sharpness=1, light=0.5, inside=1)
        face = Face((left, 0, side, side), 0.9, ((left, 1), (left + 1, 1)), (left, 2), quality, crop)
        happy, sad = (
            {"fer7": Answer({label: 0.94 if label == likely else 0.01 for label in FER7.labels})}
            for likely in ("happy", "sad")
        )
        return Reading(face, sad, raw=happy) if self.baseline else Reading(face, happy)


@pytest.fixture
def recognizer():
    return FakeRecognizer()


def png(width, height, grey):
    stream = io.BytesIO()
    Image.new("L", (width, height), grey).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="session")
def pictures():
    """Encoded pictures by how many faces the stand-in sees in them, and one that is none."""
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
    """Address of the running studio."""
    return serve("-m", "streamlit", "run", "webapp/Home.py", "--server.port={port}")


@pytest.fixture(scope="session")
def space(serve, detector):
    """Address of the running Space."""
    return serve("webapp/space/app.py", GRADIO_SERVER_PORT="{port}")


@pytest.fixture(scope="session")
def launch():
    """Start Chromium with these flags more; a test that does so closes it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(executable_path=chromium, args=[*BROWSER_FLAGS, *flags])


@pytest.fixture(scope="session")
def launch_with_camera(launch):
    """Start Chromium with a film for its camera: `launch_with_camera(film)`; a test that does so closes it."""
    return lambda film: launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


@pytest.fixture(scope="session")
def browser(launch):
    chrome = launch()
    yield chrome
    chrome.close()
