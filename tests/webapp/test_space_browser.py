"""The Space in a real browser: pictures go in, faces and labels come out, and a camera that is a file is watched."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from webapp.space import style

PATIENCE_MS = 90_000  # a busy machine answers slowly


@pytest.fixture(scope="module")
def camera(launch_with_camera, portrait, tmp_path_factory):
    """A browser whose camera shows the portrait."""
    from PIL import Image

    film = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    still = film.with_suffix(".jpg")
    Image.open(portrait).save(still, quality=95)
    film.write_bytes(still.read_bytes() * 10)
    chrome = launch_with_camera(film)
    yield chrome
    chrome.close()


@pytest.fixture
def visit(camera):
    """Open a Space as somebody new; `hosts` are those that any of the pages asked."""
    contexts, hosts = [], set()

    def open_page(address, width=1280, theme="light"):
        context = camera.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE_MS)
        tab.goto(f"{address}/?__theme={theme}")
        tab.get_by_text("Samples").wait_for()
        return tab

    open_page.hosts = hosts
    yield open_page
    for context in contexts:
        context.close()


def give(tab, *paths, place=0):
    tab.locator("input[type=file]").nth(place).set_input_files([str(path) for path in paths])


def bars(tab):
    return tab.locator(".js-plotly-plot").locator("visible=true")


def test_several_faces_each_with_bars_and_a_why(visit, space):
    tab = visit(space)
    give(tab, style.paths()[1])
    expect(bars(tab)).to_have_count(3, timeout=PATIENCE_MS)
    tab.get_by_role("button", name="Why?").nth(1).click()
    tab.get_by_text("rests on it").wait_for()
    assert tab.locator("strong", has_text="surprise").count() == 2  # above the bars and in the reason
    assert visit.hosts <= {"localhost", "127.0.0.1", None}


def test_a_sample_is_one_click_away_and_clearing_empties_the_page(visit, space):
    tab = visit(space, width=400, theme="dark")
    tab.get_by_role("button", name="1-astronaut").or_(tab.locator(".gallery-item").first).first.click()
    tab.locator("strong", has_text="1 happy").wait_for()
    expect(bars(tab)).to_have_count(1, timeout=PATIENCE_MS)
    tab.get_by_role("button", name=re.compile("remove|clear", re.IGNORECASE)).first.click()
    expect(bars(tab)).to_have_count(0, timeout=PATIENCE_MS)


def test_a_corrupt_file_is_named_in_the_page(visit, space, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"not a picture")
    tab = visit(space)
    give(tab, style.paths()[0])
    expect(bars(tab)).to_have_count(1, timeout=PATIENCE_MS)
    tab.get_by_role("button", name=re.compile("remove|clear", re.IGNORECASE)).first.click()
    give(tab, path)
    tab.get_by_text("Cannot read this picture").wait_for()
    expect(bars(tab)).to_have_count(0, timeout=PATIENCE_MS)
    assert "Traceback" not in tab.content()


def test_several_pictures_and_the_faces_of_the_one_that_is_chosen(visit, space, portrait, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    tab = visit(space)
    tab.get_by_role("tab", name="Several pictures").click()
    give(tab, portrait, broken, style.paths()[1], place=1)
    tab.get_by_text("broken.png: Cannot read").wait_for()
    tab.get_by_text("3 faces").wait_for()
    expect(bars(tab)).to_have_count(1, timeout=PATIENCE_MS)
    tab.get_by_text("3 faces").click()
    expect(bars(tab)).to_have_count(3, timeout=PATIENCE_MS)


def test_the_webcam_is_watched_after_consent_and_written_nowhere(visit, serve, detector, tmp_path):
    address = serve("webapp/space/app.py", GRADIO_SERVER_PORT="{port}", TMPDIR=str(tmp_path))
    tab = visit(address)
    tab.get_by_role("tab", name="Webcam").click()
    assert not tab.get_by_text("Click to Access Webcam").is_visible()
    tab.get_by_text("Everyone in view of the camera").click()
    tab.get_by_text("Click to Access Webcam").click()
    tab.get_by_text("Record").locator("visible=true").click()
    tab.locator("strong", has_text=re.compile(r"^\d+ happy")).wait_for()
    tab.get_by_alt_text("The webcam with its faces marked").wait_for()
    expect(bars(tab)).to_have_count(1, timeout=PATIENCE_MS)
    seen = {tab.get_by_alt_text("The webcam with its faces marked").get_attribute("src") for _ in range(3)}
    assert all(source.startswith("data:image/jpeg") for source in seen)
    tab.get_by_text("Stop").locator("visible=true").click()
    names = {path.name for path in tmp_path.glob("mien-space-*/*/*") if path.is_file()}
    assert names <= {path.rpartition("/")[2] for path in style.paths()}
