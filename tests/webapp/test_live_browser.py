"""The live page in a real browser whose camera is a file: a face comes and goes."""

import csv
import signal
import time
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import TimeoutError
from skimage.data import astronaut

FRAMES_A_SECOND = 10
SPELL_S = 3


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Path of an uncompressed film, 640x480: the astronaut for some seconds, then nobody."""
    nobody = np.full((480, 640, 3), 90, np.uint8)
    somebody = nobody.copy()
    somebody[:, 64:576] = astronaut()[:480]
    path = tmp_path_factory.mktemp("camera") / "face.y4m"
    with path.open("wb") as stream:
        stream.write(f"YUV4MPEG2 W640 H480 F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in (somebody, nobody):
            y, cb, cr = np.moveaxis(np.asarray(Image.fromarray(picture).convert("YCbCr")), 2, 0)
            planes = (y, cb[::2, ::2], cr[::2, ::2])
            stream.write((b"FRAME\n" + b"".join(plane.tobytes() for plane in planes)) * FRAMES_A_SECOND * SPELL_S)
    return path


@pytest.fixture(scope="session")
def camera(launch_with_camera, film):
    """A browser that sees the film."""
    chrome = launch_with_camera(film)
    yield chrome
    chrome.close()


@pytest.fixture
def visit(camera):
    """Open the live page of a studio as somebody new who agrees; `hosts` are those that any of the pages asked."""
    contexts, hosts = [], set()

    def open_page(address):
        context = camera.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
        contexts.append(context)
        context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        tab = context.new_page()
        tab.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname))
        tab.set_default_timeout(90_000)  # a busy machine starts slowly
        tab.goto(f"{address}/live")
        tab.get_by_text("Everyone in view of the camera").click()
        return tab

    open_page.hosts = hosts
    yield open_page
    for context in contexts:
        context.close()


def start(tab):
    """Press Start, as often as somebody would on a machine so busy that the page takes the first press for none."""
    press = tab.frame_locator("iframe[title*=webrtc]").get_by_role("button", name="Start")
    pace = tab.get_by_text("frames a second")
    for _ in range(4):
        press.click()
        try:
            return pace.wait_for(timeout=30_000)
        except TimeoutError:
            if not press.is_visible():
                break
    return pace.wait_for()


def shown_for(tab, seconds):
    """The captions of faces that the page shows within some seconds, and whether it ever showed none."""
    captions, empty = set(), False
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        captions |= set(tab.locator("strong").filter(has_text="%").all_inner_texts())
        empty |= tab.get_by_text("No face in view").is_visible()
        tab.wait_for_timeout(200)
    return captions, empty


def test_a_face_comes_and_goes_and_is_recorded(visit, studio, tmp_path):
    tab = visit(studio)
    start(tab)
    tab.get_by_text("happy", exact=False).first.wait_for()
    tab.get_by_role("button", name="Start recording").click()
    tab.get_by_role("button", name="Stop recording").wait_for()
    tab.wait_for_timeout(1000 * SPELL_S)  # what the page still shows may be from before the recording
    captions, empty = shown_for(tab, 2.5 * SPELL_S)
    tab.get_by_placeholder("Event").fill("the end")
    tab.get_by_placeholder("Event").press("Enter")
    tab.get_by_role("button", name="Mark").click()
    more, _ = shown_for(tab, 1.5 * SPELL_S)
    tab.get_by_role("button", name="Stop recording").click()
    with tab.expect_download() as pending:
        tab.get_by_role("button", name="CSV").click()
    pending.value.save_as(tmp_path / "live.csv")
    rows = list(csv.DictReader((tmp_path / "live.csv").open()))

    assert empty
    assert any("happy" in caption for caption in captions)
    assert tab.get_by_text(f"{len(rows):,} rows").is_visible()
    recorded = {f"{row['face']} {row['label']}" for row in rows}
    assert {" ".join(caption.split()[:2]) for caption in captions | more} <= recorded
    assert sum(row["label"] == "happy" for row in rows) > 0.9 * len(rows)
    times = [float(row["time_s"]) for row in rows]
    assert times == sorted(times)
    assert max(np.diff(times)) > 0.6 * SPELL_S
    assert [row["event"] for row in rows if row["event"]] == ["the end"]

    tab.frame_locator("iframe[title*=webrtc]").get_by_role("button", name="Stop").click()
    tab.get_by_text("Press Start").wait_for()
    assert visit.hosts <= {"localhost", "127.0.0.1", None}


def hold(tab):
    """Hold a moment with a face: the one that was there may be gone when the press arrives."""
    back = tab.get_by_role("button", name="Back to live")
    for _ in range(4):
        tab.locator("strong").filter(has_text="happy").first.wait_for()
        tab.get_by_role("button", name="Hold this moment").click()
        try:
            return back.wait_for(timeout=30_000)
        except TimeoutError:
            continue
    return back.wait_for()


def test_a_held_moment_is_explained_while_the_camera_goes_on(visit, studio):
    tab = visit(studio)
    start(tab)
    hold(tab)
    tab.get_by_role("button", name="Why?").click()
    tab.get_by_role("dialog").get_by_text("rests on it").wait_for()
    assert tab.get_by_text("frames a second").is_visible()
    tab.keyboard.press("Escape")
    tab.get_by_role("dialog").wait_for(state="detached")
    tab.wait_for_timeout(2000 * SPELL_S)
    assert tab.locator("strong").filter(has_text="happy").first.is_visible()  # though nobody was there meanwhile
    tab.get_by_role("button", name="Back to live").click()
    _, empty = shown_for(tab, 3 * SPELL_S)
    assert empty


def test_one_place_passes_from_a_closed_browser_to_the_next_and_ctrl_c_ends_the_server(visit, serve, detector):
    address = serve("-m", "streamlit", "run", "webapp/Home.py", "--server.port={port}", MIEN_MAX_LIVE="1")
    server, log = serve.newest, serve.log
    first = visit(address)
    start(first)
    second = visit(address)
    second.get_by_text("All places are taken").wait_for()
    first.context.close()
    for _ in range(40):
        second.get_by_role("button", name="Try again").click()
        second.wait_for_timeout(1000)
        if not second.get_by_text("All places are taken").is_visible():
            break
    start(second)

    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=60) == 0
    assert "Traceback" not in log.read_text()
