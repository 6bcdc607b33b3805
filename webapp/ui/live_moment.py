"""A moment of the stream, held still so that one can ask why; the camera goes on meanwhile."""

from dataclasses import dataclass

import streamlit as st

from core.readings import Frame
from webapp import charts_why
from webapp.ui import live_faces, why
from webapp.ui.live_stream import LiveStream

_KEY = "live_moment"


@dataclass(frozen=True)
class Moment:
    """What a model read from one picture."""

    frame: Frame
    model: str


def held() -> Moment | None:
    """The moment that the viewer holds."""
    return st.session_state.get(_KEY)


def offer(stream: LiveStream, running: bool) -> None:
    """A button that holds what is read right now."""
    st.button(
        "Hold this moment",
        on_click=_hold,
        args=(stream,),
        icon=":material/pause:",
        disabled=not running,
        help="Keeps what is read now, so that you can ask why. The camera goes on.",
    )


def show_moment(moment: Moment) -> None:
    """Its faces, each with the question why, and the way back."""
    st.button("Back to live", on_click=_let_go, type="primary", icon=":material/play_arrow:")
    st.caption(
        "The camera goes on. These bars are smoothed over time; **Why?** looks at this one picture alone, so that its "
        "figures may differ."
    )
    for reading in moment.frame.readings:
        with st.container(border=True, gap="xsmall"):
            st.image(charts_why.enlarged(reading.face.crop), width=72, alt="The face")
            live_faces.face(reading.number, reading)
            why.buttons(reading, moment.model, key=f"live-{reading.number}")


def _hold(stream: LiveStream) -> None:
    if stream.frame and stream.frame.readings:
        st.session_state[_KEY] = Moment(stream.frame, stream.recognizer.card.name)
    else:
        st.toast("There is no face in view to hold.", icon=":material/person_off:")


def _let_go() -> None:
    del st.session_state[_KEY]
