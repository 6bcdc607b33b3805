"""ICE servers, through which a browser on another machine reaches the stream."""

import json
import os
from urllib.parse import urlsplit

import streamlit as st

from webapp.ui.shared.deployment import SettingError, is_loopback

_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")
_FORM = 'it must be a JSON list such as [{"urls": "turn:turn.example.org:3478", "username": "…", "credential": "…"}]'

# Streamlit copies the top level of secrets.toml into the environment, so only the environment is read.
_PROVIDERS = {
    ("CLOUDFLARE_TURN_KEY_ID", "CLOUDFLARE_TURN_KEY_API_TOKEN"): "get_cloudflare_ice_servers",
    ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"): "get_twilio_ice_servers",
    ("HF_TOKEN",): "get_hf_ice_servers",
}


def servers(page: str) -> list[dict]:
    """Return the servers to use; none for a browser on this machine, and only those that are configured.

    Args:
        page: URL that the browser shows.

    Raises:
        SettingError: `MIEN_ICE_SERVERS` cannot be understood, or a provider refused the token.
    """
    if is_local(page):
        return []
    if named := os.environ.get("MIEN_ICE_SERVERS", "").strip():
        return parse(named)
    return _provided()


def parse(text: str) -> list[dict]:
    """Parse the value of `MIEN_ICE_SERVERS` into a list of servers.

    Raises:
        SettingError: The text is not a JSON list of servers.
    """
    try:
        listed = json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingError(f"MIEN_ICE_SERVERS is not JSON ({error}): {_FORM}.") from None
    if not isinstance(listed, list) or not all(_is_server(server) for server in listed):
        raise SettingError(f"MIEN_ICE_SERVERS names no usable servers: {_FORM}.")
    return listed


def has_relay(listed: list[dict]) -> bool:
    """Return whether a TURN server, which gets through any firewall, is among the servers."""
    return any(url.startswith("turn") for server in listed for url in _urls(server))


def is_local(page: str) -> bool:
    """Return whether the browser that shows this URL runs on this machine."""
    return is_loopback(urlsplit(page).hostname or "localhost")


def _is_server(server) -> bool:
    if not isinstance(server, dict):
        return False
    urls = _urls(server)
    texts = [server[key] for key in ("username", "credential") if key in server]
    return (
        bool(urls)
        and all(isinstance(url, str) and url.startswith(_SCHEMES) for url in urls)
        and all(isinstance(text, str) for text in texts)
    )


def _urls(server: dict) -> list:
    urls = server.get("urls")
    return urls if isinstance(urls, list) else [urls]


def _provided() -> list[dict]:
    """The servers of the first provider whose tokens are all set; streamlit-webrtc would add one of Google's."""
    for names, function in _PROVIDERS.items():
        tokens = [os.environ.get(name) for name in names]
        if all(tokens):
            return _ask(function, names[0], tokens)
    return []


@st.cache_data(ttl=1800, show_spinner=False)
def _ask(function: str, name: str, tokens: list[str]) -> list[dict]:
    from streamlit_webrtc import credentials  # slow to import, and needed with a provider only

    try:
        return getattr(credentials, function)(*tokens)
    except Exception as error:
        raise SettingError(f"The provider of {name} gave no TURN server: {error}.") from error
