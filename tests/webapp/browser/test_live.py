"""The live page in a real browser whose camera is a film: a face comes and goes every three seconds."""

import csv
import itertools
import re
import signal
import time

import numpy as np
import pytest
from playwright.sync_api import TimeoutError

SPELL_S = 3


@pytest.fixture
def watch(visit):
    """Open the live page of a studio as somebody new who agrees."""

    def open_page(address):
        tab = visit(f"{address}/live")
        tab.get_by_text("Everyone in view of the camera").click()
        return tab

    return open_page


def start(tab):
    """Press Start, several times if need be: a busy page may miss a press."""
    button = tab.get_by_role("button", name="Start", exact=True)
    pace = tab.get_by_text("frames per second")
    for _ in range(4):
        button.click()
        try:
            return pace.wait_for(timeout=30_000)
        except TimeoutError:
            if not button.is_visible():
                break
    return pace.wait_for()


def happy(tab):
    return tab.locator("strong").filter(has_text="happy").first


def shown_for(tab, seconds):
    """The captions of faces that the page shows within some seconds, and whether it ever showed none."""
    captions, empty = set(), False
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        captions |= set(tab.locator("strong").filter(has_text="%").all_inner_texts())
        empty |= tab.get_by_text("No face in view").is_visible()
        tab.wait_for_timeout(200)
    return captions, empty


def recorded(tab, folder):
    """The rows of the recording."""
    tab.get_by_role("button", name="Stop recording").click()
    with tab.expect_download() as pending:
        tab.get_by_role("button", name="CSV").click()
    pending.value.save_as(folder / "live.csv")
    return list(csv.DictReader((folder / "live.csv").open()))


def hold(tab):
    """Hold a moment with a face: the one that was there may be gone when the press arrives."""
    back = tab.get_by_role("button", name="Back to live")
    for _ in range(4):
        happy(tab).wait_for()
        tab.get_by_role("button", name="Hold", exact=True).click()
        try:
            return back.wait_for(timeout=30_000)
        except TimeoutError:
            continue
    return back.wait_for()


def test_a_camera_is_read_recorded_and_explained(visit, watch, studio, tmp_path):
    tab = watch(studio)
    start(tab)
    happy(tab).wait_for()
    tab.get_by_role("button", name="Record", exact=True).click()
    tab.get_by_placeholder("Event").fill("the end")
    tab.get_by_role("button", name="Mark").click()
    tab.get_by_text("Marked: the end").wait_for()
    tab.get_by_placeholder("Event").fill("after")
    tab.get_by_placeholder("Event").press("Enter")
    tab.get_by_text("Marked: after").wait_for()
    hold(tab)
    tab.get_by_role("button", name="Why?").click()
    tab.get_by_role("dialog").get_by_text("rests on it").wait_for()
    assert tab.get_by_text("frames per second").is_visible()  # the camera goes on
    tab.keyboard.press("Escape")
    tab.get_by_role("dialog").wait_for(state="detached")
    tab.get_by_role("button", name="Back to live").click()
    rows = recorded(tab, tmp_path)
    assert sum(row["label"] == "happy" for row in rows) > 0.9 * len(rows) > 0
    assert "; ".join(row["event"] for row in rows if row["event"]) == "the end; after"
    tab.get_by_role("button", name="Stop", exact=True).locator("visible=true").last.click()
    tab.get_by_text("Press Start").wait_for()
    assert visit.hosts <= {"localhost", "127.0.0.1", None}


def tab_to(tab, name):
    """Press Tab until the keyboard is on the element of that name, within the page's content."""
    words = """() => { const at = document.activeElement; return at.closest("[data-testid=stMain]") &&
                       (at.ariaLabel || at.querySelector("p")?.innerText || at.innerText || at.placeholder) }"""
    for _ in range(60):
        if tab.evaluate(words) == name:
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not get to {name}")


@pytest.mark.slow
def test_the_keyboard_alone(visit, studio):
    tab = visit(f"{studio}/live")
    agree = "Everyone in view of the camera knows about this and agrees."
    tab.get_by_text(agree).wait_for()
    tab_to(tab, agree)
    tab.keyboard.press("Space")
    tab.locator(".st-key-live-start").wait_for()
    tab_to(tab, "Start")
    tab.keyboard.press("Enter")
    happy(tab).wait_for()
    tab_to(tab, "Baseline")
    tab.keyboard.press("Space")
    tab.get_by_text("hold still").or_(tab.get_by_text("Baseline on")).first.wait_for()
    tab_to(tab, "Record")
    tab.keyboard.press("Enter")
    tab.get_by_placeholder("Event").wait_for()
    tab_to(tab, "Event")
    tab.keyboard.type("the end")
    tab_to(tab, "Mark")
    tab.keyboard.press("Enter")
    tab.get_by_text("Marked: the end").wait_for()
    for _ in range(4):
        happy(tab).wait_for()  # the face comes and goes
        tab_to(tab, "Hold")
        tab.keyboard.press("Enter")
        tab.wait_for_timeout(3000)
        if tab.get_by_role("button", name="Why?").is_visible():
            break
    tab_to(tab, "Back to live")
    tab.keyboard.press("Enter")
    tab_to(tab, "Stop recording")
    tab.keyboard.press("Space")
    tab.get_by_text("What was recorded").wait_for()
    tab_to(tab, "Stop")
    tab.keyboard.press("Enter")
    tab.get_by_text("Press Start").wait_for()


def test_the_bar_is_in_view_in_a_small_window_and_on_a_telephone(watch, studio):
    tab = watch(studio)
    tab.set_viewport_size({"width": 1280, "height": 720})
    start(tab)
    bar = tab.locator(".st-key-live-bar")
    for width, height in ((1280, 720), (390, 844)):
        tab.set_viewport_size({"width": width, "height": height})
        tab.wait_for_timeout(1000)
        buttons = [box for each in bar.locator("button").locator("visible=true").all() if (box := each.bounding_box())]
        assert len(buttons) == 5
        assert len({round(box["y"]) for box in buttons}) == 1
        assert max(box["y"] + box["height"] for box in buttons) <= height
        assert all(one["x"] + one["width"] <= next["x"] for one, next in itertools.pairwise(buttons))
        assert buttons[-1]["x"] + buttons[-1]["width"] <= width
        assert bar.evaluate("bar => [...bar.querySelectorAll('button')].every(it => it.scrollWidth <= it.clientWidth)")


@pytest.mark.slow
def test_what_is_shown_is_what_is_recorded_as_a_face_comes_and_goes(watch, studio, tmp_path):
    tab = watch(studio)
    start(tab)
    happy(tab).wait_for()
    tab.get_by_role("button", name="Record", exact=True).click()
    tab.get_by_role("button", name="Stop recording").wait_for()
    tab.wait_for_timeout(1000 * SPELL_S)  # what the page still shows may be from before the recording
    captions, empty = shown_for(tab, 4 * SPELL_S)
    rows = recorded(tab, tmp_path)
    assert empty
    assert any("happy" in caption for caption in captions)
    assert tab.get_by_text(f"{len(rows):,} rows").is_visible()
    words = {" ".join(re.findall(r"\w+", caption)[1:3]) for caption in captions}  # of "Face 1: happy, 97%"
    assert words <= {f"{row['face']} {row['label']}" for row in rows}
    times = [float(row["time_s"]) for row in rows]
    assert times == sorted(times)
    assert max(np.diff(times)) > 0.6 * SPELL_S
    hold(tab)
    tab.wait_for_timeout(2000 * SPELL_S)
    assert happy(tab).is_visible()  # though nobody was there meanwhile
    tab.get_by_role("button", name="Back to live").click()
    _, empty = shown_for(tab, 3 * SPELL_S)
    assert empty


@pytest.mark.slow
def test_one_place_passes_from_a_closed_browser_to_the_next_and_ctrl_c_ends_the_server(watch, serve, detector):
    address = serve("-m", "streamlit", "run", "webapp/Home.py", "--server.port={port}", MIEN_MAX_LIVE="1")
    server, log = serve.newest, serve.log
    first = watch(address)
    start(first)
    second = watch(address)
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
