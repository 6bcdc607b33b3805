"""The views of a page as tabs."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def show(views: Mapping[str, Callable[..., None]], key: str, *arguments: Any) -> None:
    """Show views as tabs; only the open one is computed, and it is open again after a visit to another page.

    Args:
        views: Function that shows a view, by the view's title.
        key: Name of the open view in the session's state.
        arguments: Arguments of every one of these functions.
    """
    last = f"{key}_last"  # tabs have no `persist_state`
    if key not in st.session_state and last in st.session_state:
        st.session_state[key] = st.session_state[last]
    tabs = st.tabs(list(views), on_change="rerun", key=key)
    for tab, (title, view) in zip(tabs, views.items(), strict=True):
        if tab.open:
            st.session_state[last] = title
            with tab:
                view(*arguments)
