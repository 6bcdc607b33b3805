"""What holds for every page of the studio."""

from pathlib import Path

import pytest

import webapp
from webapp.ui.shared import engine

SCREENS = sorted(path.stem for path in (Path(webapp.__file__).parent / "screens").glob("[!_]*.py"))


def test_every_page_opens_and_says_what_it_is_for(open_page, recognizer, monkeypatch):
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: recognizer)
    page = open_page()
    for name in SCREENS:
        page.switch_page(f"screens/{name}.py").run()
        assert not page.exception, name
        assert not page.error, name
        assert page.title, name
        assert page.says("Art. 5(1)(f)", "caption"), name


def test_streamlit_takes_no_folder_for_its_pages():
    """It would run the scripts of one named `pages` by themselves, without Home.py."""
    assert not (Path(webapp.__file__).parent / "pages").exists()


def test_strangers_get_the_public_pages_only(open_page):
    page = open_page(mode="public")
    assert page.says("this server's memory", "caption")
    for name in ("dataset", "training", "evaluation", "models"):
        with pytest.raises(ValueError, match="navigation page"):
            page.switch_page(f"screens/{name}.py")


def test_a_mode_that_does_not_exist_is_named(open_page):
    assert "is 'open'" in open_page(mode="open").error[0].value
