"""Every page as axe-core sees it: at WCAG's AA, light and dark, wide and narrow, nothing of ours is broken."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from webapp.space import style

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
SIZES = pytest.mark.parametrize(
    ("theme", "width"), [("light", 1280), ("light", 390), ("dark", 1280), ("dark", 390)], ids=lambda each: str(each)
)
PAGES = ("Start", "Photo", "Live", "Video", "Dataset", "Training", "Evaluation", "Models")
PATIENCE_MS = 400_000  # TensorFlow alone may take a minute to load on a busy machine

STREAMLITS = {
    # The area for files is a section that it takes out of the page's structure and names all the same.
    "presentation-role-conflict": 'data-testid="stFileUploaderDropzone"',
    # Its tables are drawn; for readers of screens it puts a table beside, whose column of the rows has no title.
    "empty-table-header": 'role="columnheader"',
}
"""What Streamlit's own markup breaks, by rule, and what the element holds by which one knows it."""

GRADIOS = {
    # A place for a picture that is empty is a plain box with a name.
    "aria-prohibited-attr": 'aria-label="Empty value"',
    # Samples, and the picture that opens at a click, are buttons around a picture without a text.
    "button-name": 'class="(gallery-item )?svelte-',
    # The link around the button Download has no size of its own; buttons of a gallery overlap the area for files.
    "target-size": "download-link|icon-button|upload-container",
    # The area for files is a button, and in a gallery others lie in it.
    "nested-interactive": "Click to Upload|upload-container",
    # A picture of a gallery has its caption for its text, and the caption stands below it.
    "image-redundant-alt": "<img ",
}
"""The same for Gradio."""


def broken(tab, known):
    """What of a page breaks a rule, but for what is known of the library."""
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in Axe().run(tab, options=RULES).response["violations"]
        for node in each["nodes"]
        if not (each["id"] in known and re.search(known[each["id"]], node["html"]))
    ]


def settle(tab):
    """Wait until a page of the studio stands still."""
    tab.wait_for_timeout(500)  # until it has heard of the click
    for busy in ('[data-test-script-state="running"]', "[data-testid=stSpinner]"):
        tab.wait_for_function("busy => !document.querySelector(busy)", arg=busy)


@pytest.mark.slow
@SIZES
def test_the_studio(visit, studio, theme, width):
    tab = visit(studio, width=width, color_scheme=theme)
    for page in PAGES:
        tab.goto(f"{studio}/{'' if page == 'Start' else page.lower()}")
        tab.get_by_role("heading", level=1, name="Mien" if page == "Start" else page, exact=True).wait_for()
        settle(tab)
        assert tab.title() == f"{page} · Mien"
        if page == "Photo":
            tab.get_by_role("radio", name="Sample").click()
            tab.locator(".js-plotly-plot").first.wait_for()
            settle(tab)
        assert broken(tab, STREAMLITS) == [], page


@pytest.mark.slow
@SIZES
def test_the_studio_with_a_dataset(visit, workplace, theme, width):
    """Every view of the pages that show one, after a model has answered."""
    tab = visit(f"{workplace}/evaluation", width=width, color_scheme=theme)
    tab.set_default_timeout(PATIENCE_MS)
    tab.get_by_role("button", name="Run now").click()
    tab.get_by_role("tab").first.wait_for()
    found = {}
    for page in ("dataset", "evaluation", "training"):
        tab.goto(f"{workplace}/{page}")
        tab.get_by_role("tab").first.wait_for()
        for view in tab.get_by_role("tab").all_inner_texts():
            tab.get_by_role("tab", name=view, exact=True).click()
            settle(tab)
            found[page, view] = broken(tab, STREAMLITS)
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.slow
@SIZES
def test_the_space(visit, space, theme, width):
    tab = visit(f"{space}/?__theme={theme}", width=width, color_scheme=theme)
    tab.get_by_text("Samples").first.wait_for()
    assert broken(tab, GRADIOS) == []
    tab.locator("input[type=file]").first.set_input_files(style.paths()[1])
    tab.locator(".js-plotly-plot").nth(2).wait_for()
    assert broken(tab, GRADIOS) == []
    for view in ("Several pictures", "Webcam", "On the server"):
        tab.get_by_role("tab", name=view).click()
        tab.wait_for_timeout(500)
        assert broken(tab, GRADIOS) == [], view


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_are_written_in_the_colour_of_the_page(visit, studio, theme):
    """Axe does not look at text in a drawing."""
    tab = visit(f"{studio}/photo", color_scheme=theme)
    tab.get_by_role("radio", name="Sample").click()
    tab.locator(".js-plotly-plot .ytick text").first.wait_for()
    ink = "each => getComputedStyle(each).{}"
    page = tab.locator(".stApp").evaluate(ink.format("color"))
    for text in (".ytick text", ".bartext-outside"):
        assert tab.locator(f".js-plotly-plot {text}").first.evaluate(ink.format("fill")) == page


@pytest.mark.slow
def test_the_keyboard_is_seen_in_the_sidebar(visit, studio):
    tab = visit(studio)
    tab.get_by_test_id("stSidebarNavLink").first.wait_for()
    for _ in range(3):  # past the skip link and the logo
        tab.keyboard.press("Tab")
    link = tab.locator("[data-testid=stSidebarNavLink]:focus")
    assert link.count() == 1
    assert link.evaluate("each => getComputedStyle(each).outline").endswith("solid 2px")
