"""The Space in a real browser: pictures go in, faces and labels come out, and a camera that is a film is watched."""

import re

import pytest
from playwright.sync_api import expect

from webapp.space import style

PATIENCE_MS = 90_000  # a busy machine answers slowly


@pytest.fixture
def tab(visit, space):
    tab = visit(f"{space}/?__theme=light")
    tab.get_by_text("Samples").wait_for()
    return tab


def give(tab, *paths, place=0):
    tab.locator("input[type=file]").nth(place).set_input_files([str(path) for path in paths])


def expect_bars(tab, count):
    bars = tab.locator(".js-plotly-plot").locator("visible=true")
    expect(bars).to_have_count(count, timeout=PATIENCE_MS)


def test_several_faces_each_with_bars_and_a_why(tab, visit):
    give(tab, style.paths()[1])
    expect_bars(tab, 3)
    tab.get_by_role("button", name="Why").nth(1).click()
    tab.get_by_text("rests on it").wait_for()
    assert tab.get_by_role("heading", name="Faces in 2-three-portraits.webp").is_visible()
    assert tab.get_by_alt_text("Face 2", exact=True).is_visible()
    assert tab.locator("strong", has_text="surprise").count() == 2  # above the bars and in the reason
    assert visit.hosts <= {"localhost", "127.0.0.1", None}


def test_a_sample_is_one_click_away_and_a_corrupt_file_leaves_nothing_of_it(visit, space, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    tab = visit(f"{space}/?__theme=dark", width=400, color_scheme="dark")
    tab.get_by_role("button", name="1-astronaut").or_(tab.locator(".gallery-item").first).first.click()
    tab.locator("strong", has_text="Face 1: happy").wait_for()
    expect_bars(tab, 1)
    tab.get_by_role("button", name=re.compile("remove|clear", re.IGNORECASE)).first.click()
    expect_bars(tab, 0)
    give(tab, broken)
    tab.get_by_text("Cannot read this picture").wait_for()
    expect_bars(tab, 0)
    assert "Traceback" not in tab.content()


def test_several_pictures_and_the_faces_of_the_one_that_is_chosen(tab, portrait, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    tab.get_by_role("tab", name="Several pictures").click()
    give(tab, portrait, broken, style.paths()[1], place=1)
    tab.get_by_text("broken.png: Cannot read").wait_for()
    tab.get_by_text("3 faces").wait_for()
    expect_bars(tab, 1)
    tab.get_by_text("3 faces").click()
    expect_bars(tab, 3)


def test_the_webcam_is_watched_after_consent_and_written_nowhere(tab, space_folder):
    def written():
        return {path for path in space_folder.glob("mien-space-*/*/*") if path.is_file()}

    earlier = written()
    tab.get_by_role("tab", name="Webcam").click()
    tab.get_by_role("tab", name="On the server").click()
    assert not tab.get_by_text("Click to Access Webcam").is_visible()
    tab.get_by_text("Everyone in view of the camera").click()
    tab.get_by_text("Click to Access Webcam").click()
    tab.get_by_text("Record").locator("visible=true").click()
    tab.locator("strong", has_text=re.compile(r"^Face \d+: happy")).wait_for()
    expect_bars(tab, 1)
    screen = tab.get_by_alt_text("The webcam with its faces marked")
    assert all(screen.get_attribute("src").startswith("data:image/jpeg") for _ in range(3))
    tab.get_by_text("Stop").locator("visible=true").click()
    assert written() <= earlier
