"""ICE servers: how a browser that is not on this machine finds the way to the stream."""

import json
import os
from urllib.parse import urlsplit

import streamlit as st

from webapp.ui.shared.deployment import SettingError, is_loopback

_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")
_FORM = 'it must be a JSON list such as [{"urls": "turn:turn.example.org:3478", "username": "…", "credential": "…"}]'

# Streamlit puts what stands at the top of secrets.toml into the environment, so this is the one place to look.
_PROVIDERS = {
    ("CLOUDFLARE_TURN_KEY_ID", "CLOUDFLARE_TURN_KEY_API_TOKEN"): "get_cloudflare_ice_servers",
    ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"): "get_twilio_ice_servers",
    ("HF_TOKEN",): "get_hf_ice_servers",
}


def servers(page: str) -> list[dict]:
    """The servers to ask; none for a browser on this machine, and none that nobody named.

    Args:
        page: The address that the browser shows.

    Raises:
        SettingError: the servers named in the environment cannot be understood, or a provider refused the token.
    """
    if is_local(page):
        return []
    if named := os.environ.get("MIEN_ICE_SERVERS", "").strip():
        return parse(named)
    return _provided()


def parse(text: str) -> list[dict]:
    """`MIEN_ICE_SERVERS` as a list of servers."""
    try:
        listed = json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingError(f"MIEN_ICE_SERVERS is no JSON ({error}): {_FORM}.") from None
    if not isinstance(listed, list) or not all(_is_server(server) for server in listed):
        raise SettingError(f"MIEN_ICE_SERVERS names no usable servers: {_FORM}.")
    return listed


def has_relay(listed: list[dict]) -> bool:
    """Whether there is a TURN server, which gets through any firewall, among them."""
    return any(url.startswith("turn") for server in listed for url in _urls(server))


def is_local(page: str) -> bool:
    """Whether the browser that shows this address runs on this machine."""
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
    """Servers of the first provider whose tokens are all there; streamlit-webrtc would add one of Google's."""
    for names, function in _PROVIDERS.items():
        tokens = [os.environ.get(name) for name in names]
        if all(tokens):
            return _ask(function, names[0], tokens)
    return []


@st.cache_data(ttl=1800, show_spinner=False)
def _ask(function: str, name: str, tokens: list[str]) -> list[dict]:
    from streamlit_webrtc import credentials  # where nothing is asked for, it is not needed

    try:
        return getattr(credentials, function)(*tokens)
    except Exception as error:
        raise SettingError(f"The provider of {name} gave no TURN server: {error}.") from error
