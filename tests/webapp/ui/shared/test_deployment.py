from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from webapp.ui.shared import deployment, engine
from webapp.ui.shared.deployment import SettingError

HOME = Path(deployment.__file__).parent / "Home.py"


@pytest.fixture
def bound_to(monkeypatch):
    """Make believe that the server listens at an address."""
    monkeypatch.delenv("MIEN_MODE", raising=False)
    return lambda address: monkeypatch.setattr(st, "get_option", {"server.address": address}.get)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]"])
def test_a_server_that_only_this_machine_reaches_is_private(bound_to, address):
    bound_to(address)
    assert not deployment.is_public()


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.0.2.7", "studio.example.org", "localhost.example.org"]
)
def test_any_other_is_public(bound_to, address):
    bound_to(address)
    assert deployment.is_public()


def test_the_environment_has_the_last_word(bound_to, monkeypatch):
    bound_to("0.0.0.0")
    monkeypatch.setenv("MIEN_MODE", "private")
    assert not deployment.is_public()
    bound_to("localhost")
    monkeypatch.setenv("MIEN_MODE", " Public ")
    assert deployment.is_public()


def test_a_misspelt_mode_is_refused(monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "pubic")
    with pytest.raises(SettingError, match=r"MIEN_MODE is 'pubic': it must be public or private\."):
        deployment.is_public()


def test_a_page_that_nobody_named_is_not_public(monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "public")
    assert deployment.allows("Photo")
    assert deployment.allows("Live")
    assert deployment.allows("Video")
    assert not deployment.allows("Training")
    monkeypatch.setenv("MIEN_MODE", "private")
    assert deployment.allows("Training")


def test_the_number_of_streams(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.delenv("MIEN_MAX_LIVE", raising=False)
    assert deployment.max_live() == 8 * deployment.STREAMS_A_CORE
    monkeypatch.setenv("MIEN_MAX_LIVE", "3")
    assert deployment.max_live() == 3


@pytest.mark.parametrize("text", ["many", "0", "-1", "1.5"])
def test_a_number_of_streams_that_is_none(monkeypatch, text):
    monkeypatch.setenv("MIEN_MAX_LIVE", text)
    with pytest.raises(SettingError, match="MIEN_MAX_LIVE"):
        deployment.max_live()


def test_home_says_what_is_wrong_with_the_mode(monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "open")
    app = AppTest.from_file(HOME, default_timeout=60).run()
    assert not app.exception
    assert "MIEN_MODE is 'open'" in app.error[0].value


def test_strangers_are_told_where_their_pictures_are_read(monkeypatch):
    monkeypatch.setenv("MIEN_MODE", "public")
    app = AppTest.from_file(HOME, default_timeout=60).run()
    assert any("this server's memory" in caption.value for caption in app.caption)


def test_strangers_bring_a_limited_number_of_photos(monkeypatch, recognizer, pictures):
    monkeypatch.setenv("MIEN_MODE", "public")
    monkeypatch.setattr(engine, "Recognizer", lambda model: recognizer)
    st.cache_resource.clear()
    app = AppTest.from_file(HOME, default_timeout=60).run()
    app.file_uploader[0].set_value([(f"{number}.png", pictures[1], "image/png") for number in range(25)])
    app.run()
    assert "Only the first 20 photos" in app.warning[0].value
    assert len(app.dataframe[0].value) == 20
