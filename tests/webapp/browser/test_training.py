"""From a dataset to a model in use, in a real browser, without a restart of the studio."""

import re

import pytest

PATIENCE_MS = 400_000  # TensorFlow alone may take a minute to load on a busy machine


@pytest.mark.slow
def test_a_run_becomes_a_model_without_a_restart(visit, workplace, portrait):
    tab = visit(f"{workplace}/training")
    tab.set_default_timeout(PATIENCE_MS)
    epochs = tab.get_by_label("Epochs", exact=True)
    epochs.fill("1")
    epochs.press("Enter")
    start = tab.get_by_role("button", name="Start")
    start.click()
    tab.get_by_text("Training quick-1 is done").wait_for()

    tab.get_by_role("tab", name="All runs").click()
    tab.get_by_text(re.compile(r"quick-1 · \d")).first.wait_for()
    install = tab.get_by_role("button", name="Install")
    name = tab.get_by_label("Name of the model", exact=True)
    name.fill("mine")
    name.press("Enter")
    install.click()
    tab.get_by_text("Installing mine from quick-1 is done").wait_for()

    tab.get_by_role("link", name="Photo").click()
    tab.get_by_role("combobox", name="Model").click()
    tab.get_by_role("option", name="Mine").click()
    tab.locator("input[type=file]").first.set_input_files(portrait)
    tab.get_by_alt_text(re.compile("astronaut.png: 1")).wait_for()
    assert "Traceback" not in tab.content()
