"""The keyboard alone, without a mouse: a photo is read and explained, clips are read, a training runs."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

MOST_STEPS = 60
HAS_FOCUS = "each => each === each.getRootNode().activeElement"  # also inside a component of its own


@pytest.fixture
def keys(visit):
    """Open an address in a tab that is used with keys alone."""
    return lambda address: Keyboard(visit(address))


class Keyboard:
    def __init__(self, tab):
        self.tab = tab
        tab.set_default_timeout(60_000)
        tab.get_by_role("heading", level=1).wait_for()
        self.settle()

    def settle(self):
        """Wait until the page stands still, for what is drawn again loses the focus."""
        self.tab.wait_for_timeout(500)
        running = '[data-test-script-state="running"]'
        self.tab.wait_for_function("running => !document.querySelector(running)", arg=running)

    def press(self, *names):
        for name in names:
            self.tab.keyboard.press(name)

    def go_to(self, role, name, most=MOST_STEPS):
        """Step from control to control until the one with that role and name has the focus."""
        wanted = self.tab.get_by_role(role, name=name, exact=True).first
        wanted.wait_for()
        passed = []
        for _ in range(most + 1):
            if wanted.evaluate(HAS_FOCUS):
                self.settle()
                if wanted.evaluate(HAS_FOCUS):
                    return
            self.press("Tab")
            passed.append(self.tab.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel"))
        pytest.fail(f"{name} is not reached: {passed}")

    def sees(self, text):
        self.tab.get_by_text(text).first.wait_for()


def test_a_photo_is_read_explained_and_taken_away(keys, studio):
    keys = keys(f"{studio}/photo")
    keys.go_to("radio", "Files")
    keys.press("ArrowRight", "ArrowRight", "Space")
    keys.sees("Face 1: happy")
    keys.go_to("button", "JSON")
    with keys.tab.expect_download() as pending:
        keys.press("Enter")
    assert json.loads(pending.value.path().read_text())["pictures"]
    keys.go_to("button", "Why?")
    keys.press("Enter")
    keys.sees("rests on it")
    keys.press("Escape")
    keys.tab.get_by_role("dialog").wait_for(state="detached")
    keys.go_to("button", "All models", most=2)  # close by: the place in the page was not lost


def test_a_photo_of_ones_own_can_be_given(keys, studio, portrait):
    keys = keys(f"{studio}/photo")
    keys.go_to("button", "Upload")
    with keys.tab.expect_file_chooser() as pending:
        keys.settle()  # until the browser knows that Playwright takes the place of its window
        keys.press("Enter")
    pending.value.set_files(portrait)
    keys.sees("Face 1: happy")


def test_clips_are_read_looked_through_and_taken_away(keys, studio, write_clip, two_people, tmp_path):
    empty = [np.full_like(two_people[0], 90)] * 6
    pictures = {"people.mp4": [*two_people[:6], *empty], "others.mp4": two_people}
    clips = [write_clip(tmp_path / name, each, np.arange(12) / 10) for name, each in pictures.items()]
    keys = keys(f"{studio}/video")
    keys.go_to("button", "Upload")
    with keys.tab.expect_file_chooser() as pending:
        keys.press("Enter")
    pending.value.set_files(clips)
    keys.go_to("button", "Read all 2 clips")
    keys.press("Enter")
    keys.sees("Tables of all 2 clips")
    keys.settle()
    keys.go_to("slider", "Moment")
    keys.sees("Face 1: ")
    keys.press("End")
    keys.sees("No face at this moment.")
    keys.press("Home")
    keys.sees("Face 1: ")
    keys.go_to("button", "CSV")
    with keys.tab.expect_download() as pending:
        keys.press("Enter")
    assert pending.value.suggested_filename == "people-mien.csv"
    keys.go_to("button", "others.mp4", most=2 * MOST_STEPS)
    keys.press("Enter")
    keys.tab.locator("strong", has_text="others.mp4").wait_for()


def test_a_training_is_chosen_started_watched_and_stopped(keys, workplace):
    keys = keys(f"{workplace}/training")
    keys.go_to("combobox", "Recipe")
    keys.press("ArrowDown")
    keys.tab.keyboard.type("cnn")  # which takes long enough to be stopped
    keys.press("Enter")
    expect(keys.tab.get_by_label("Name of the run", exact=True)).to_have_value("cnn-1")
    keys.go_to("button", "Start")
    keys.press("Enter")
    keys.sees("Training cnn-1")
    keys.go_to("button", "Stop")
    keys.press("Enter")
    keys.sees("was stopped")
