"""What is read from the stream: bars for each face, and its last minute."""

import streamlit as st

from core.output.draw import caption
from core.readings import Reading
from webapp import charts, charts_live
from webapp.ui.live_history import Sample
from webapp.ui.live_stream import LiveStream

REFRESH_S = 0.5
_CARDS = 4
_REMEMBERED_S = 15.0


def show(stream: LiveStream) -> None:
    """A card for each face in view, or for the one that was just there."""
    frame, samples = stream.frame, stream.history.samples()
    if frame is None:
        st.info("Your expressions appear here as soon as the camera runs.", icon=":material/monitoring:")
        return
    in_view = {reading.number: reading for reading in frame.readings}
    if not in_view:
        st.info("No face in view. Look towards the camera, and mind the light.", icon=":material/person_off:")
    for number in list(in_view)[:_CARDS] or _just_gone(samples):
        with st.container(border=True, gap="xsmall"):
            if number in in_view:
                face(number, in_view[number])
            else:
                st.markdown(f"**{number}** :gray[not in view]")
            st.plotly_chart(
                charts_live.last_minute(samples, number),
                config=charts.CONFIG,
                key=f"live-minute-{number}",
                alt=f"Expressions of face {number} over the last minute",
            )


def face(number: int, reading: Reading) -> None:
    """What one picture says of one face."""
    st.markdown(f"**{caption(number, reading)}**")
    for hint in reading.face.view.hints:
        st.caption(f":material/lightbulb: {hint.capitalize()}")
    bars = ", ".join(f"{label} {value * 100:.0f} %" for label, value in reading.probabilities.items())
    figure = charts.probability_bars(reading)
    st.plotly_chart(figure, config=charts.CONFIG, key=f"live-bars-{number}", alt=f"Probabilities: {bars}")


def _just_gone(samples: list[Sample]) -> list[int]:
    """The number of the face that was seen last, unless that is long ago."""
    last = next((sample for sample in reversed(samples) if sample.faces), None)
    if last is None or last.time_s < samples[-1].time_s - _REMEMBERED_S:
        return []
    return list(last.faces)[:1]
