"""The static page in a browser with a camera: it reads, speaks to nobody else, and goes on without its server."""

import csv
import io
import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs("detector", "litert"), pytest.mark.slow]


def start(tab):
    tab.get_by_label("Everyone in view").check()
    tab.get_by_role("button", name="Start", exact=True).click()


def test_a_whole_visit(serve_files, page_files, visit):
    with serve_files(page_files) as address:
        tab = visit(address)
        said = []
        tab.on("console", lambda message: said.append(message.text))
        start(tab)
        tab.locator(".face h2").filter(has_text="happy").wait_for()
        tab.evaluate("navigator.serviceWorker.ready")
        tab.get_by_role("button", name="Record").click()
        tab.get_by_role("button", name="Baseline").click()
        tab.get_by_label("Event").fill('film, "begins"')
        tab.keyboard.press("Enter")
        tab.get_by_text(re.compile(r"^[1-9]\d+ rows$")).wait_for()
        tab.get_by_role("button", name="Stop recording").click()
        with tab.expect_download() as download:
            tab.get_by_role("button", name="CSV").click()
        rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
        assert sum(row["event"] == 'film, "begins"' for row in rows) == 1
        assert {"happy", "unsure", "neutral", "surprise"} >= {row["label"] for row in rows} > set()
        assert visit.hosts == {"localhost"}
        assert said == []
    # Its server is gone: the page opens again, and reads.
    tab.reload()
    start(tab)
    tab.locator(".face h2").first.wait_for()


def test_a_photo(serve_files, page_files, visit, film, tmp_path):
    from PIL import Image
    from skimage.data import astronaut

    Image.fromarray(astronaut()).save(tmp_path / "photo.png")
    (tmp_path / "words.txt").write_text("no picture")
    with serve_files(page_files) as address:
        tab = visit(address, width=390)
        tab.get_by_label("Read a photo").set_input_files(tmp_path / "photo.png")
        tab.locator(".face h2").filter(has_text="happy").wait_for()
        tab.get_by_label("Read a photo").set_input_files(tmp_path / "words.txt")
        tab.get_by_role("status").filter(has_text="words.txt").wait_for()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390


_REFUSING = "navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{}') }}"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (_REFUSING.format("NotAllowedError"), "refused"),
        (_REFUSING.format("NotFoundError"), "no camera"),
        ("delete globalThis.WebAssembly", "WebAssembly"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_sentence(serve_files, page_files, visit, script, sentence):
    with serve_files(page_files) as address:
        tab = visit("about:blank")
        tab.add_init_script(script)
        tab.goto(address)
        if sentence == "WebAssembly":
            assert tab.get_by_role("button", name="Start", exact=True).is_disabled()
        else:
            start(tab)
        tab.get_by_role("status").filter(has_text=sentence).wait_for()


def test_a_page_out_of_sight_says_that_it_waits(serve_files, page_files, visit):
    with serve_files(page_files) as address:
        tab = visit(address)
        start(tab)
        tab.locator(".face h2").first.wait_for()
        for is_hidden, sentence in ((True, "out of sight"), (False, "")):
            tab.evaluate(
                "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
                " document.dispatchEvent(new Event('visibilitychange')); }",
                is_hidden,
            )
            told = tab.locator(".status").text_content()
            assert sentence in told
        assert told == ""
        assert tab.get_by_role("button", name="Stop", exact=True).is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keyboard_alone_on_a_narrow_screen(serve_files, page_files, visit, scheme):
    def reach(role, name):
        wanted = tab.get_by_role(role, name=name, exact=True)
        for _ in range(20):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            tab.keyboard.press("Tab")
        pytest.fail(f"Tab does not come to {name}")

    with serve_files(page_files) as address:
        tab = visit(address, width=390, color_scheme=scheme)
        reach("checkbox", "Everyone in view of the camera knows about this and agrees.")
        tab.keyboard.press("Space")
        reach("button", "Start")
        tab.keyboard.press("Enter")
        tab.locator(".face h2").first.wait_for()
        reach("button", "Record")
        tab.keyboard.press("Enter")
        reach("textbox", "Event")
        tab.keyboard.type("by keys")
        tab.keyboard.press("Enter")
        tab.get_by_text(re.compile(r"^[1-9]\d* rows$")).wait_for()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
