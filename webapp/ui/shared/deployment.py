"""Public or private: whether strangers may visit this server, and what that changes."""

import ipaddress
import os

import streamlit as st

from core.errors import MienError

PUBLIC_PAGES = frozenset({"Start", "Photo", "Live", "Video"})
"""Titles of the pages that strangers may use; none of them trains, deletes or reads paths of the server."""

STREAMS_A_CORE = 2
"""Number of live streams that one core carries; docs/deploy.md says how that was measured."""


class SettingError(MienError):
    """An environment variable that cannot be understood."""


def is_public() -> bool:
    """Return whether the visitors are strangers.

    `MIEN_MODE` says so (`public` or `private`); without it, a server that other machines can reach is public.

    Raises:
        SettingError: `MIEN_MODE` has another value.
    """
    named = os.environ.get("MIEN_MODE", "").strip().lower()
    if named not in ("", "public", "private"):
        raise SettingError(f"MIEN_MODE is {named!r}: it must be public or private.")
    return named == "public" or (not named and not is_loopback(st.get_option("server.address") or ""))


def allows(page: str) -> bool:
    """Return whether the page of that title is shown in this mode."""
    return not is_public() or page in PUBLIC_PAGES


def max_live() -> int:
    """Return how many live streams may run at once: `MIEN_MAX_LIVE`, else two for each core.

    Raises:
        SettingError: `MIEN_MAX_LIVE` is not a positive whole number.
    """
    named = os.environ.get("MIEN_MAX_LIVE", "").strip()
    if not named:
        return STREAMS_A_CORE * (os.cpu_count() or 1)
    if not named.isdecimal() or int(named) < 1:
        raise SettingError(f"MIEN_MAX_LIVE is {named!r}: it must be a whole number of 1 or more.")
    return int(named)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
