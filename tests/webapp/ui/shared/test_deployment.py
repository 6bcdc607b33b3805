import pytest
import streamlit as st

from webapp.ui.shared import deployment
from webapp.ui.shared.deployment import SettingError


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
    with pytest.raises(SettingError, match="'pubic'"):
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
