"""The Video page in a real browser: one playhead for player, charts and what was read, in either direction."""

import re

import cv2
import numpy as np
import pytest
from skimage.data import astronaut


@pytest.fixture(scope="module")
def clip(write_clip, tmp_path_factory):
    """Three seconds with a face, but for the second one."""
    person = cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA)
    pictures = [np.full_like(person, 90) if 10 <= number < 20 else person for number in range(30)]
    return write_clip(tmp_path_factory.mktemp("clip") / "person.mp4", pictures, np.arange(30) / 10)


@pytest.fixture
def tab(visit, studio, clip):
    """The page with the clip read."""
    tab = visit(f"{studio}/video")
    tab.locator("input[type=file]").first.set_input_files(clip)
    press(tab, "Read the clip")
    tab.locator("video").wait_for(timeout=60_000)
    tab.locator(".mien-playhead").first.wait_for(state="attached")
    return tab


def press(tab, label):
    button = tab.get_by_role("button", name=label)
    button.wait_for()
    button.focus()
    tab.keyboard.press("Enter")


def line_share(tab):
    """Where the head's line stands in the first chart, 0 to 1."""
    return tab.locator(".js-plotly-plot").first.evaluate(
        """chart => {
            const line = chart.querySelector(".mien-playhead").getBoundingClientRect();
            const plot = chart.querySelector(".nsewdrag").getBoundingClientRect();
            return (line.left + 1 - plot.left) / plot.width;
        }"""
    )


def played_s(tab):
    return tab.locator("video").evaluate("player => player.currentTime")


def told(tab, words):
    tab.locator("[class*=-view] [data-testid=stMarkdown]").get_by_text(words).first.wait_for()


def test_the_head_moves_player_charts_and_readings(tab):
    head = tab.get_by_role("slider", name="Moment")
    told(tab, re.compile("Face 1: happy"))
    head.focus()
    for _ in range(150):
        tab.keyboard.press("ArrowRight")
    told(tab, "No face at this moment.")
    assert played_s(tab) == pytest.approx(1.5, abs=0.05)
    assert line_share(tab) == pytest.approx(0.5, abs=0.02)
    tab.keyboard.press("End")
    told(tab, re.compile("Face 1: happy"))


def test_the_player_and_the_charts_move_the_head(tab):
    head = tab.get_by_role("slider", name="Moment")
    tab.locator("video").evaluate("player => { player.currentTime = 1.5 }")
    told(tab, "No face at this moment.")
    assert float(head.input_value()) == pytest.approx(1.5, abs=0.05)
    plot = tab.locator(".js-plotly-plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    tab.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    told(tab, re.compile("Face 1: happy"))
    assert played_s(tab) == pytest.approx(2.7, abs=0.05)
    tab.locator("video").evaluate(
        "async player => { player.muted = true; player.currentTime = 0; await player.play() }"
    )
    tab.wait_for_function("document.querySelector('video').currentTime > 0.5")
    tab.locator("video").evaluate("player => player.pause()")
    tab.wait_for_timeout(300)
    assert line_share(tab) == pytest.approx(played_s(tab) / 3, abs=0.02)
    assert float(head.input_value()) == pytest.approx(played_s(tab), abs=0.05)
