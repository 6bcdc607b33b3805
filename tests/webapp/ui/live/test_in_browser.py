"""The choice between reading in the browser and on the server."""

import pytest

from webapp.browser import site
from webapp.ui.live import in_browser


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(site, "FOLDER", tmp_path / "browser")
    return tmp_path / "browser"


@pytest.fixture
def live(open_page):
    return lambda mode="private": open_page("live", mode)


def choice(page):
    return [control for control in page.get("button_group") if control.label == "Where faces are read"]


@pytest.mark.needs("detector", "litert")
def test_a_browser_reads_first_where_it_can(live, folder):
    page = live()
    assert [control.value for control in choice(page)] == [in_browser.HERE]
    assert (folder / "files.json").exists()
    assert not page.checkbox  # the consent that the server's camera needs


@pytest.mark.needs("detector")
def test_without_the_runtime_the_server_reads_and_its_keeper_is_told(live, folder):
    page = live()
    assert not choice(page)
    assert page.checkbox
    assert any("webapp.browser.runtime" in caption.value for caption in page.caption)
    assert not folder.exists()


@pytest.mark.needs("detector")
def test_strangers_are_not_told_how_to_keep_a_server(live):
    assert not any("webapp.browser.runtime" in caption.value for caption in live("public").caption)


@pytest.mark.needs("detector", "litert")
def test_where_nothing_can_be_written_the_server_reads(live, folder):
    folder.parent.joinpath("browser").write_text("in the way")
    page = live()
    assert any("browser's files" in error.value for error in page.error)
    assert page.checkbox
