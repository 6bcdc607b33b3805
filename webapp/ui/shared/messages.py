"""What every page says in the same words: the notice at its foot, the consent that a camera needs, and errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import MienError
from webapp.ui.shared import deployment


def footer() -> None:
    """Show privacy and intended use, at the foot of every page."""
    st.divider()
    st.caption(
        f"**Private.** {_where_pictures_are_read()}  \n"
        "**An expression is not a feeling.** The model names what a face looks like. It cannot know what somebody "
        "feels, thinks or intends, and it is often wrong.  \n"
        "**Not for judging people.** In the EU, inferring emotions at work or in education is prohibited "
        "(AI Act, Art. 5(1)(f)). Where it is lawful, the people in the picture must be told."
    )


def camera_consent() -> bool:
    """Ask, before a camera opens, whether everyone in view agrees; returns the answer."""
    return st.checkbox(
        "Everyone in view of the camera knows about this and agrees.",
        help=f"The browser asks for the camera next. {_where_pictures_are_read()}",
    )


def _where_pictures_are_read() -> str:
    """A sentence for visitors: strangers would take "this machine" for their own."""
    if deployment.is_public():
        return (
            "Photos and clips are read in this server's memory; Live reads in your own browser, unless it says that "
            "this server does. Pictures are not stored and not passed on."
        )
    return "Pictures are read on this machine. They are not stored and not sent anywhere."


def escaped(text: str) -> str:
    """Escape text for Markdown, so that nothing in it becomes emphasis, a link, a colour or an icon."""
    return re.sub(r"([\\`*_{}\[\]()#+!|~$:<>])", r"\\\1", text)


def show_error(error: Exception | str, icon: str = ":material/error:") -> None:
    """Show an error's text as it is, without Markdown."""
    st.error(escaped(str(error)), icon=icon)


@contextmanager
def stopping_at_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Show an error that a user can cause as a message, and end the page there.

    Args:
        kinds: Further types of error to treat so, besides `MienError`.
    """
    try:
        yield
    except (MienError, *kinds) as error:
        show_error(error)
        st.stop()
