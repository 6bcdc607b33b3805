import json

import pytest
from streamlit_webrtc import credentials

from webapp.ui.live import ice_servers
from webapp.ui.shared.deployment import SettingError

AWAY = "https://studio.example.org/live"
TURN = {"urls": "turn:turn.example.org:3478", "username": "mien", "credential": "secret"}
STUN = {"urls": ["stun:stun.example.org"]}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("MIEN_ICE_SERVERS", *(name for names in ice_servers._PROVIDERS for name in names)):
        monkeypatch.delenv(name, raising=False)
    ice_servers._ask.clear()
    return monkeypatch


@pytest.mark.parametrize("page", ["http://localhost:8501/live", "http://127.0.0.1:8501", "http://[::1]:8501/", ""])
def test_on_this_machine_no_server_is_asked(environment, page):
    environment.setenv("MIEN_ICE_SERVERS", json.dumps([TURN]))
    environment.setenv("HF_TOKEN", "token")
    environment.setattr(credentials, "get_hf_ice_servers", lambda token: pytest.fail("asked"))
    assert ice_servers.servers(page) == []


def test_away_the_named_servers_are_used(environment):
    environment.setenv("MIEN_ICE_SERVERS", json.dumps([STUN, TURN]))
    assert ice_servers.servers(AWAY) == [STUN, TURN]


def test_without_a_configuration_nobody_is_asked():
    assert ice_servers.servers(AWAY) == []


def test_a_provider_is_asked_once_for_many_visitors(environment):
    asked = []
    environment.setenv("CLOUDFLARE_TURN_KEY_ID", "id")
    environment.setenv("CLOUDFLARE_TURN_KEY_API_TOKEN", "token")
    environment.setattr(credentials, "get_cloudflare_ice_servers", lambda *tokens: asked.append(tokens) or [TURN])
    assert ice_servers.servers(AWAY) == ice_servers.servers(AWAY) == [TURN]
    assert asked == [("id", "token")]


def test_half_of_a_providers_tokens_is_none(environment):
    environment.setenv("TWILIO_ACCOUNT_SID", "sid")
    assert ice_servers.servers(AWAY) == []


def test_a_provider_that_refuses_is_named_without_the_token(environment):
    def refuse(token):
        raise ValueError("Failed to get credentials")

    environment.setenv("HF_TOKEN", "s3cret")
    environment.setattr(credentials, "get_hf_ice_servers", refuse)
    with pytest.raises(SettingError, match="HF_TOKEN") as caught:
        ice_servers.servers(AWAY)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "turn:turn.example.org",
        json.dumps(TURN),
        json.dumps([{"url": "turn:turn.example.org"}]),
        json.dumps([{"urls": []}]),
        json.dumps([{"urls": "http://turn.example.org"}]),
        json.dumps([TURN | {"credential": 5}]),
        "[3]",
    ],
)
def test_malformed_servers_are_said_in_one_sentence(environment, text):
    environment.setenv("MIEN_ICE_SERVERS", text)
    with pytest.raises(SettingError, match="MIEN_ICE_SERVERS"):
        ice_servers.servers(AWAY)


def test_a_relay_is_a_turn_server():
    assert ice_servers.has_relay([STUN, TURN])
    assert not ice_servers.has_relay([STUN])
