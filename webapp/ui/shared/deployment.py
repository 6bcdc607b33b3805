"""Public or private: whether strangers may visit this server, and what that changes."""

import ipaddress
import os

import streamlit as st

from core.errors import MienError

PUBLIC_PAGES = frozenset({"Photo", "Live", "Video"})
"""What strangers may use, by title; whatever trains, deletes or reads the server's paths is left out."""

STREAMS_A_CORE = 2
"""Live streams that one core carries besides everything else; see docs/deploy.md."""


class SettingError(MienError):
    """An environment variable that cannot be understood."""


def is_public() -> bool:
    """Whether the visitors are strangers.

    `MIEN_MODE` says so (`public` or `private`); without it, a server that other machines can reach is public.

    Raises:
        SettingError: `MIEN_MODE` is something else.
    """
    named = os.environ.get("MIEN_MODE", "").strip().lower()
    if named not in ("", "public", "private"):
        raise SettingError(f"MIEN_MODE is {named!r}: it must be public or private.")
    return named == "public" or (not named and not is_loopback(st.get_option("server.address") or ""))


def allows(page: str) -> bool:
    """Whether the page of that title is shown in this mode."""
    return not is_public() or page in PUBLIC_PAGES


def max_live() -> int:
    """How many live streams may run at once: `MIEN_MAX_LIVE`, or by the number of cores.

    Raises:
        SettingError: `MIEN_MAX_LIVE` is no positive whole number.
    """
    named = os.environ.get("MIEN_MAX_LIVE", "").strip()
    if not named:
        return STREAMS_A_CORE * (os.cpu_count() or 1)
    if not named.isdecimal() or int(named) < 1:
        raise SettingError(f"MIEN_MAX_LIVE is {named!r}: it must be a whole number from 1.")
    return int(named)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can mean no machine but this one."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
