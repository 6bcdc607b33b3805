"""A walk through the local studio on the real dataset, as somebody sees it: no page fails, none complains.

With `MIEN_PICTURES` naming a folder, such as docs/images, it also takes the pictures that the README shows. None of
them shows a person of the dataset.
"""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from training.datasets.importing import import_sources

ROOT = Path(__file__).resolve().parents[3]
ANOTHER = "embedder"  # than the default model, to be compared with it
WORK_MS = 900_000  # to load what was never asked, to look at all pictures, to answer PublicTest


@pytest.fixture(scope="module")
def workshop(serve, detector, movements, mien_data, tmp_path_factory):
    """Address of a studio in a folder of its own with FER2013 and the votes of FER+, and nothing computed yet."""
    folder = tmp_path_factory.mktemp("workshop")
    for name in (".streamlit", "docs"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "data").mkdir()
    sources = mien_data / "data"
    import_sources(
        [sources / "fer2013.csv.gz"], folder / "data" / "fer2013.parquet", ferplus=sources / "fer2013new.csv"
    )
    home = str(ROOT / "webapp" / "Home.py")
    watch = "--server.fileWatcherType=none"  # nobody edits it meanwhile, or a picture would show that
    return serve("-m", "streamlit", "run", home, "--server.port={port}", watch, folder=folder, MIEN_MODE="private")


class Visitor:
    """Goes from page to page and keeps what the browser complains of in `complaints`."""

    def __init__(self, tab):
        self.tab = tab
        self.complaints = []
        tab.set_default_timeout(90_000)
        tab.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def pages(self):
        """Their names; before each stands that of its icon."""
        return [text.split()[-1] for text in self.tab.get_by_test_id("stSidebarNavLink").all_inner_texts()]

    def open(self, page):
        self.tab.get_by_test_id("stSidebarNavLink").and_(self.tab.get_by_role("link", name=page, exact=True)).click()
        self.tab.get_by_role("heading", name={"Start": "Mien"}.get(page, page), exact=True).wait_for()
        self.look()

    def views(self):
        return self.tab.get_by_role("tab").all_inner_texts()

    def view(self, name):
        self.tab.get_by_role("tab", name=name, exact=True).click()
        self.look()

    def look(self):
        """Wait until the page stands still, and see that it shows no failure."""
        self.tab.wait_for_timeout(400)  # until the page has heard of the click
        for busy in ('[data-test-script-state="running"]', "[data-testid=stProgress]", "[data-testid=stSpinner]"):
            self.tab.wait_for_function("busy => !document.querySelector(busy)", arg=busy, timeout=WORK_MS)
        assert not self.tab.get_by_test_id("stException").count()
        assert not self.tab.get_by_test_id("stAlertContentError").all_inner_texts()

    def take(self, name, height):
        if folder := os.environ.get("MIEN_PICTURES"):
            self.tab.mouse.move(0, 0)
            self.tab.wait_for_timeout(1500)  # until charts and menus stand still
            png = self.tab.screenshot(clip={"x": 0, "y": 0, "width": 1280, "height": height})
            Image.open(io.BytesIO(png)).convert("RGB").save(Path(folder) / f"{name}.webp", quality=82, method=6)


@pytest.fixture
def visitor(visit, workshop):
    visitor = Visitor(visit(workshop, color_scheme="light"))
    visitor.tab.get_by_role("heading", name="Mien").wait_for()
    return visitor


@pytest.mark.slow
def test_every_page_and_view(visitor):
    pages = visitor.pages()
    assert {"Start", "Photo", "Live", "Video", "Dataset", "Evaluation", "Models"} <= set(pages)
    for page in pages:
        visitor.open(page)
        STEPS.get(page, lambda visitor: None)(visitor)
    assert not visitor.complaints


def photo(visitor):
    tab = visitor.tab
    tab.get_by_role("radio", name="Sample").click()
    tab.get_by_alt_text("astronaut.webp: Face 1: happy").wait_for()
    visitor.look()
    visitor.take("photo", 860)
    ask(visitor, "Why?", "rests on it", picture="why")
    ask(visitor, "All models", "not two proofs")


def ask(visitor, button, said, picture=None):
    """Open the first window of that kind, read it, close it."""
    dialog = visitor.tab.get_by_role("dialog")
    visitor.tab.get_by_role("button", name=button).first.click()
    dialog.get_by_text(said).wait_for(timeout=WORK_MS)
    visitor.look()
    if picture:
        visitor.take(picture, 860)
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")


def dataset(visitor):
    visitor.tab.get_by_text("35,887").first.wait_for()
    visitor.take("dataset", 960)
    views = visitor.views()
    assert len(views) > 5
    for name in views:
        visitor.view(name)


def evaluation(visitor):
    tab = visitor.tab
    tab.get_by_role("combobox", name="Models").click()
    tab.get_by_role("option", name=ANOTHER, exact=True).click()
    tab.keyboard.press("Escape")
    tab.get_by_role("tab").first.wait_for(timeout=WORK_MS)
    views = visitor.views()
    assert len(views) > 5
    for name in views:
        visitor.view(name)
        if name == "Confusion":
            visitor.take("evaluation", 860)
        if name == "Mistakes":
            ask(visitor, "Why?", "rests on it")


def models(visitor):
    visitor.tab.get_by_role("heading", name=ANOTHER, exact=True).wait_for()
    visitor.take("models", 860)


STEPS = {"Photo": photo, "Dataset": dataset, "Evaluation": evaluation, "Models": models}
"""What is done on a page besides opening it; a page that is not named here is only looked at."""
