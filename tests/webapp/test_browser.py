"""The pages in a real browser: a photo goes in, its expression comes out, and nothing else is asked for anywhere."""

import json
from urllib.parse import urlsplit

import pytest
from PIL import Image


@pytest.fixture
def tab(browser):
    """A page in a fresh browser profile that keeps the hosts it asks in `tab.hosts`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", accept_downloads=True)
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    tab.hosts = set()
    context.on("request", lambda request: tab.hosts.add(urlsplit(request.url).hostname))
    tab.on("websocket", lambda socket: tab.hosts.add(urlsplit(socket.url).hostname))
    yield tab
    context.close()


def assert_local(hosts):
    """`data:` and `blob:` addresses have no host."""
    assert hosts <= {"localhost", "127.0.0.1", None}


def download(tab, label, folder):
    with tab.expect_download() as pending:
        tab.get_by_role("button", name=label).click()
    path = folder / pending.value.suggested_filename
    pending.value.save_as(path)
    return path


def test_studio(tab, studio, portrait, tmp_path):
    tab.goto(studio)
    tab.locator("input[type=file]").first.set_input_files(portrait)
    tab.get_by_alt_text("astronaut.png: 1 happy").wait_for()
    tab.locator(".js-plotly-plot").get_by_text("surprise").wait_for()
    assert Image.open(download(tab, "Picture (PNG)", tmp_path)).size == (512, 512)
    (picture,) = json.loads(download(tab, "JSON", tmp_path).read_text())
    assert picture["faces"][0]["label"] == "happy"
    assert_local(tab.hosts)


def test_studio_names_a_broken_file(tab, studio, tmp_path):
    path = tmp_path / "broken.jpg"
    path.write_text("not a picture")
    tab.goto(studio)
    tab.locator("input[type=file]").first.set_input_files(path)
    tab.get_by_role("alert").get_by_text("broken.jpg").wait_for()
    assert "Traceback" not in tab.content()


def test_space(tab, space, portrait):
    tab.goto(space)
    tab.locator("input[type=file]").first.set_input_files(portrait)
    tab.get_by_text("1 happy").first.wait_for()
    tab.locator(".js-plotly-plot").get_by_text("surprise").wait_for()
    assert_local(tab.hosts)
