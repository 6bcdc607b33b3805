"""Where the pages and their servers turn to, what they write of an upload, and what they log of it: to nobody, nothing.

Servers run under guard (tests/guard); the browser's own requests are recorded.
"""

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import TimeoutError
from skimage.data import astronaut

from training.datasets.cartoon import write_sample
from webapp.ui.live.in_browser import SENTENCES

ROOT = Path(__file__).resolve().parents[3]
OWN = {"localhost", "127.0.0.1", None}  # `data:` and `blob:` addresses have no host
NAME = "quite-private-7391.png"


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """A photo of a name that occurs nowhere else."""
    path = tmp_path_factory.mktemp("secret") / NAME
    Image.fromarray(astronaut()).save(path)
    return path


class Place:
    """A server under guard, in folders of its own."""

    def __init__(self, serve, watch, folder, *arguments, **environment):
        self.watch, self.folder, self.temporary = watch, folder, folder / "tmp"
        self.temporary.mkdir()
        self.address = serve(
            *arguments,
            folder=folder,
            TMPDIR=str(self.temporary),
            MIEN_MODE="private",
            **environment,
            **watch.environment,
        )
        self.log = serve.log
        self.begin()

    def begin(self):
        """Forget what earlier tests have left."""
        self.before, self.written_before = self.files(), len(self.watch.noted("written"))

    def written(self):
        return self.watch.noted("written")[self.written_before :]

    def files(self):
        return {path for path in self.folder.rglob("*") if not path.is_symlink() and path.is_file()}

    def logged(self):
        return "\n".join([self.log.read_text(errors="replace"), *self.watch.noted("log")])


@pytest.fixture(scope="module")
def guarded_studio(serve, guard, detector, tmp_path_factory):
    """A studio with a dataset, that logs as much as it can."""
    return studio_in(tmp_path_factory.mktemp("studio"), serve, guard)


def studio_in(folder, serve, guard):
    for name in (".streamlit", "docs", "models"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "data").mkdir()
    write_sample(folder / "data" / "cartoons.parquet", 70)
    options = ("--server.port={port}", "--logger.level=debug")
    return Place(serve, guard(), folder, "-m", "streamlit", "run", str(ROOT / "webapp" / "Home.py"), *options)


@pytest.fixture
def studio(guarded_studio):
    guarded_studio.begin()
    return guarded_studio


@pytest.fixture
def studio_with_runtime(serve, guard, tmp_path):
    """A studio of its own for one test, which finds the files that this test asks for."""
    return studio_in(tmp_path, serve, guard)


@pytest.fixture
def space(serve, guard, detector, tmp_path):
    """A Gradio Space that logs as much as it can."""
    (tmp_path / "models").symlink_to(ROOT / "models")
    return Place(serve, guard(), tmp_path, str(ROOT / "webapp" / "space" / "app.py"), GRADIO_SERVER_PORT="{port}")


def secrets(path, label="happy"):
    """What of a picture must stand in no log: its name, its label, and some of its bytes in any spelling."""
    content = path.read_bytes()
    pieces = [base64.b64encode(content[start : start + 300]).decode()[:80] for start in (0, 3000)]
    return [path.name, f"1 {label}", f"'{label}'", f'"{label}"', "base64,", repr(content[:12])[2:-1], *pieces]


def told(text, path):
    return [secret for secret in secrets(path) if secret in text]


def test_what_is_looked_for_in_logs_would_be_found(secret):
    content = secret.read_bytes()
    assert told(f"reading {NAME}", secret)
    assert told(str(content[:40]), secret)
    assert told(base64.b64encode(content).decode(), secret)
    assert told(str({"label": "happy"}), secret)


@pytest.mark.slow
def test_no_page_and_no_server_of_the_studio_asks_anybody_else(visit, studio):
    tab = visit(studio.address)
    links = tab.get_by_test_id("stSidebarNavLink")
    links.first.wait_for()
    assert links.count() == len(list((ROOT / "webapp" / "screens").glob("[!_]*.py")))
    for link in range(links.count()):
        links.nth(link).click()
        tab.wait_for_timeout(400)  # until the page has heard of the click
        tab.wait_for_function("!document.querySelector('[data-test-script-state=running]')")
        tab.wait_for_timeout(600)  # what it loads late
    assert "localhost" in visit.hosts
    assert visit.hosts <= OWN
    assert studio.watch.noted("contacts") == []


def test_an_upload_to_the_studio_stays_in_memory_and_out_of_its_logs(visit, studio, secret):
    tab = visit(f"{studio.address}/photo")
    tab.locator("input[type=file]").first.wait_for(state="attached")
    studio.begin()
    tab.locator("input[type=file]").first.set_input_files(secret)
    tab.get_by_alt_text(f"{NAME}: Face 1: happy").wait_for()
    tab.get_by_role("button", name="Why?").first.click()
    tab.get_by_role("dialog").get_by_text("rests on it").wait_for()
    assert studio.written() == []
    assert studio.files() == studio.before
    assert "DEBUG" in studio.logged()
    assert told(studio.logged(), secret) == []
    assert visit.hosts <= OWN
    assert studio.watch.noted("contacts") == []


@pytest.mark.slow
@pytest.mark.needs("detector", "litert")
@pytest.mark.parametrize("where", SENTENCES)
def test_a_live_stream_is_written_nowhere_and_stands_in_no_log(visit, studio_with_runtime, film, where):
    studio = studio_with_runtime
    tab = visit(f"{studio.address}/live")
    start = tab.get_by_role("button", name="Start", exact=True)
    for _ in range(4):  # a page that is still being drawn forgets a click
        tab.get_by_text(where, exact=True).click()
        tab.get_by_text(SENTENCES[where]).wait_for()
        tab.wait_for_function("!document.querySelector('[data-test-script-state=running]')")
        tab.get_by_label("Everyone in view").first.check(force=True)
        try:
            start.wait_for(timeout=60_000)
            break
        except TimeoutError:
            continue
    studio.begin()
    start.click()
    tab.locator(".face h2" if where == "In this browser" else "strong").filter(has_text="happy").first.wait_for()
    tab.wait_for_timeout(2000)
    tab.context.close()
    assert studio.written() == []
    assert studio.files() == studio.before
    assert told(studio.logged(), film) == []
    assert visit.hosts <= OWN
    assert studio.watch.noted("contacts") == []


@pytest.mark.slow
def test_a_clip_lies_in_a_folder_of_its_own_and_in_no_log(visit, studio, write_clip, tmp_path_factory):
    clip = tmp_path_factory.mktemp("clip") / "quite-private-7391.mp4"
    write_clip(clip, [np.ascontiguousarray(astronaut()[:480])] * 5, np.arange(5) / 5)
    tab = visit(f"{studio.address}/video")
    tab.locator("input[type=file]").set_input_files(clip)
    tab.get_by_role("button", name="Read the clip").click()
    tab.get_by_role("button", name="Read again").wait_for()
    mine = {Path(path) for path in studio.written()} - studio.before
    lying = [path for path in studio.files() if path not in studio.before]
    assert lying  # a decoder wants a file
    assert all(path.relative_to(studio.temporary).parts[0].startswith("mien-") for path in lying)
    assert not [path for path in mine if clip.stem in str(path)]
    assert told(studio.logged(), clip) == []
    tab.get_by_role("button", name="Remove clip").click()
    tab.locator("input[type=file]").wait_for(state="attached")
    assert studio.files() == studio.before


def test_the_space_writes_uploads_to_its_own_folder_asks_nobody_and_logs_nothing(visit, space, secret):
    tab = visit(space.address)
    for name in ("Several pictures", "Webcam", "Picture"):
        tab.get_by_role("tab", name=name, exact=True).click()
    tab.locator("input[type=file]").first.set_input_files(secret)
    tab.get_by_text("Face 1: happy").first.wait_for()
    tab.locator(".js-plotly-plot").get_by_text("surprise").wait_for()
    lying = space.files() - space.before
    assert any(path.name == NAME for path in lying)  # Gradio hands pictures over as files
    assert all(path.relative_to(space.temporary).parts[0].startswith("mien-space-") for path in lying)
    outside = [path for path in space.watch.noted("written") if not path.startswith(str(space.temporary))]
    assert outside == []
    assert told(space.logged(), secret) == []
    assert visit.hosts <= OWN
    assert space.watch.noted("contacts") == []
