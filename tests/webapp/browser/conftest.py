"""A browser with a camera, for the tests that open pages as a visitor does."""

import importlib.util
import mimetypes
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from core.images import read_image
from core.model_store import folder_of
from training.datasets.cartoon import write_sample

ROOT = Path(__file__).parents[3]
BROWSER_FLAGS = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


@pytest.fixture(scope="session")
def launch():
    """Start Chromium with further flags; a test that does so closes it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(executable_path=chromium, args=[*BROWSER_FLAGS, *flags])


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Path of an uncompressed film for a camera, 640x480: the astronaut for three seconds, then nobody for three."""
    nobody = np.full((480, 640, 3), 90, np.uint8)
    somebody = nobody.copy()
    somebody[:, 64:576] = astronaut()[:480]
    return write_film(tmp_path_factory.mktemp("camera") / "quite-private-7391.y4m", (somebody, nobody), 3)


def write_film(path, pictures, seconds):
    """Write a film of 640x480 for a camera, in which each picture is shown for some seconds."""
    with path.open("wb") as stream:
        stream.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for picture in pictures:
            y, cb, cr = np.moveaxis(np.asarray(Image.fromarray(picture).convert("YCbCr")), 2, 0)
            planes = (y, cb[::2, ::2], cr[::2, ::2])
            stream.write((b"FRAME\n" + b"".join(plane.tobytes() for plane in planes)) * round(10 * seconds))
    return path


@pytest.fixture(scope="session")
def two_people():
    """Twelve pictures of 640x480: two people side by side who move a little; in the last four the left is another."""
    portraits = read_image(ROOT / "webapp" / "space" / "samples" / "2-three-portraits.webp")
    happy, surprised, angry = (cv2.resize(one, (280, 300)) for one in np.array_split(portraits[:, :687], 3, axis=1))
    pictures = []
    for index in range(12):
        picture = np.full((480, 640, 3), 90, np.uint8)
        picture[60 + index : 360 + index, 20:300] = angry if index > 7 else happy
        picture[80:380, 330 + index : 610 + index] = surprised
        pictures.append(picture)
    return pictures


@pytest.fixture(scope="session")
def two_people_film(two_people, tmp_path_factory):
    """Path of the film in which each picture of `two_people` is shown for half a second."""
    return write_film(tmp_path_factory.mktemp("camera") / "two-people.y4m", two_people, 0.5)


@pytest.fixture(scope="session")
def browser(launch, film):
    """A browser whose camera shows the film."""
    chrome = launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    yield chrome
    chrome.close()


@pytest.fixture
def visit(browser):
    """Open an address as somebody new: `visit(address)`; `hosts` are those that any of the pages asked."""
    contexts, hosts = [], set()

    def open_tab(address, **options):
        viewport = {"width": options.pop("width", 1280), "height": 1000}
        context = browser.new_context(viewport=viewport, accept_downloads=True, **options)
        contexts.append(context)
        context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        tab = context.new_page()
        tab.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))
        tab.set_default_timeout(120_000)  # a busy machine answers slowly
        tab.goto(address)
        return tab

    open_tab.hosts = hosts
    yield open_tab
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def serve_files():
    """Serve bytes by their paths: `with serve_files({"index.html": ...}) as address:`, which ends in a slash."""

    @contextmanager
    def started(files):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = urlsplit(self.path).path.removeprefix("/") or "index.html"
                self.send_response(200 if name in files else 404)
                self.send_header("Content-Type", mimetypes.guess_type(name)[0] or "application/octet-stream")
                self.send_header("Content-Length", str(len(files.get(name, b""))))
                self.end_headers()
                self.wfile.write(files.get(name, b""))

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()
            server.server_close()

    return started


@pytest.fixture(scope="session")
def page_files(tmp_path_factory):
    """The files of the static page by name; a test that asks for it needs the detector and LiteRT."""
    path = ROOT / "packaging" / "static_space" / "assemble.py"
    spec = importlib.util.spec_from_file_location("assemble_static", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("static") / "page"
    module.assemble(folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def workplace(serve, tmp_path, detector):
    """Address of a studio that runs in a folder of its own, with a dataset and one model."""
    for name in (".streamlit", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "data").mkdir()
    write_sample(tmp_path / "data" / "cartoons.parquet", 140, seed=0)
    shutil.copytree(folder_of("quick"), tmp_path / "models" / "quick")
    home = str(ROOT / "webapp" / "Home.py")
    options = ("--server.port={port}", "--server.address=localhost", "--server.headless=true")
    environment = {"MIEN_MODELS": str(tmp_path / "models"), "MLFLOW_TRACKING_URI": ""}
    return serve("-m", "streamlit", "run", home, *options, folder=tmp_path, **environment)
