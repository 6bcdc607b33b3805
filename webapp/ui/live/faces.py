"""The faces of a stream: bars and the last minute for each, and a held moment that can be explained."""

from collections import Counter
from dataclasses import dataclass

import streamlit as st

from core.output.draw import caption
from core.readings import Frame, Reading
from webapp.charts import answers, theme, timelines
from webapp.charts.timelines import Sample
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import why

REFRESH_S = 0.5
_CARDS = 4
_SAMPLES_TO_BELIEVE = 3  # in which a face was seen before it gets a card: what comes and goes at once is none
_REMEMBERED_S = 15.0  # how long the chart of the last face stays after it has left


def show(stream: LiveStream) -> None:
    """Show a card for each face in view, or for the one that has just left."""
    frame, samples = stream.frame, stream.history.samples()
    if frame is None:
        st.info("Your expressions appear here as soon as the camera runs.", icon=":material/monitoring:")
        return
    times_seen = Counter(number for sample in samples for number in sample.faces)
    in_view = {
        reading.number: reading
        for reading in frame.readings
        if times_seen[reading.number] >= min(_SAMPLES_TO_BELIEVE, len(samples))
    }
    if not in_view:
        st.info("No face in view. Look towards the camera, and mind the light.", icon=":material/person_off:")
    for number in list(in_view)[:_CARDS] or _just_gone(samples):
        with st.container(border=True, gap="xsmall"):
            if number in in_view:
                _face(number, in_view[number])
            else:
                st.markdown(f"**{number}** :gray[not in view]")
            st.plotly_chart(
                timelines.last_minute(samples, number),
                config=theme.CONFIG,
                key=f"live-minute-{number}",
                alt=f"Expressions of face {number} over the last minute",
            )


def _face(number: int, reading: Reading) -> None:
    st.markdown(f"**{caption(number, reading)}**")
    for hint in reading.face.quality.hints:
        st.caption(f":material/lightbulb: {hint.capitalize()}")
    bars = ", ".join(f"{label} {value:.0%}" for label, value in reading.probabilities.items())
    figure = answers.probability_bars(reading)
    st.plotly_chart(figure, config=theme.CONFIG, key=f"live-bars-{number}", alt=f"Probabilities: {bars}")


def _just_gone(samples: list[Sample]) -> list[int]:
    """The number of the face that was seen last, in a list; empty if that is long ago."""
    last = next((sample for sample in reversed(samples) if sample.faces), None)
    if last is None or last.time_s < samples[-1].time_s - _REMEMBERED_S:
        return []
    return list(last.faces)[:1]


_KEY = "live_moment"


@dataclass(frozen=True)
class Moment:
    """What a model read from one picture."""

    frame: Frame
    model: str


def held() -> Moment | None:
    """Return the moment that the viewer holds, if any."""
    return st.session_state.get(_KEY)


def offer_to_hold(stream: LiveStream, running: bool) -> None:
    """Show a button that holds what is read right now."""
    st.button(
        "Hold this moment",
        on_click=_hold,
        args=(stream,),
        icon=":material/pause:",
        disabled=not running,
        help="Keeps what is read now, so that you can ask why. The camera goes on.",
    )


def show_moment(moment: Moment) -> None:
    """Show a held moment's faces, each with buttons that explain it, and a button back to the stream."""
    st.button("Back to live", on_click=_let_go, type="primary", icon=":material/play_arrow:")
    st.caption(
        "The camera goes on. These bars are smoothed over time; **Why?** explains this one picture alone, so its "
        "figures may differ."
    )
    for reading in moment.frame.readings:
        with st.container(border=True, gap="xsmall"):
            st.image(answers.enlarged(reading.face.crop), width=72, alt="The face")
            _face(reading.number, reading)
            why.buttons(reading, moment.model, key=f"live-{reading.number}")


def _hold(stream: LiveStream) -> None:
    if stream.frame and stream.frame.readings:
        st.session_state[_KEY] = Moment(stream.frame, stream.recognizer.card.name)
    else:
        st.toast("There is no face in view to hold.", icon=":material/person_off:")


def _let_go() -> None:
    del st.session_state[_KEY]
