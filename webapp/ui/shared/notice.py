"""What people should know before they use this, and the consent that a camera needs."""

import streamlit as st

from webapp.ui.shared import deployment


def footer() -> None:
    """Privacy and intended use, at the foot of every page."""
    st.divider()
    st.caption(
        f"**Private.** {_where()}  \n"
        "**An expression is not a feeling.** The model names what a face looks like. It cannot know what somebody "
        "feels, thinks or intends, and it is often wrong.  \n"
        "**Not for judging people.** In the EU, inferring emotions at work or in education is prohibited "
        "(AI Act, Art. 5(1)(f)). Where it is lawful, the people in the picture must be told."
    )


def camera_consent() -> bool:
    """Whether everyone in view has agreed; asked before a camera opens."""
    return st.checkbox(
        "Everyone in view of the camera knows about this and agrees.",
        help=f"The browser asks for the camera next. {_where()}",
    )


def _where() -> str:
    """Where pictures are read: for a stranger, "this machine" would be his own."""
    if deployment.is_public():
        return "Pictures are read in this server's memory. They are not stored and not passed on."
    return "Pictures are read on this machine. They are not stored and not sent anywhere."
