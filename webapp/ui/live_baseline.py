"""Personal baseline: what a face looks like at rest is taken off what is read from it."""

import streamlit as st

from webapp.ui.live_stream import LiveStream

BASELINE_REFRESH_S = 0.5
_WHY = "Look neutral for three seconds, and your other expressions are read better from then on."


def show_baseline(stream: LiveStream) -> None:
    """For each face in view: take its baseline, see it being taken, remove it."""
    with st.container(border=True, gap="small"):
        st.markdown(
            "**:material/self_improvement: Personal baseline**",
            help="Faces differ at rest: some look stern or sad to a model. Three seconds of your neutral face show it "
            "the difference, and it reads your other expressions much better.",
        )
        numbers = [reading.number for reading in stream.frame.readings] if stream.frame else []
        if not numbers:
            st.caption(f"{_WHY} First let the camera see your face.")
        elif any(stream.baseline(number) is None for number in numbers):
            st.caption(_WHY)
        for number in numbers:
            _face(stream, number, alone=len(numbers) == 1)


def _face(stream: LiveStream, number: int, alone: bool) -> None:
    taken = stream.baseline(number)
    whose = "" if alone else f"Face {number}: "
    if taken is None:
        label = f"{whose}Take my neutral face"
        start = {"on_click": stream.start_baseline, "args": (number,)}
        st.button(label, key=f"baseline-{number}", icon=":material/timer:", **start)
    elif taken < 1:
        st.progress(taken, f"{whose}Look neutral and hold still …")
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[:material/check_circle: **{whose}Baseline on**]")
            st.button("Remove", key=f"no-baseline-{number}", on_click=stream.forget_baseline, args=(number,))
