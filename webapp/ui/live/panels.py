"""The details below the bar: the baselines that are taken, and the recording with its marks and files."""

import streamlit as st

from core.corrections import Baseline
from core.output.table import Kind, columns_for
from webapp.ui.live.recording import MAX_ROWS, Recording
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import provenance, time_view
from webapp.ui.shared.messages import escaped

_MARKS_SHOWN = 5  # the last ones
BASELINE_REFRESH_S = 0.5
_SURE = "live_baseline_sure"  # the doubtful baseline that the viewer wants all the same
_HINT = "**Baseline**: look neutral for three seconds, and your other expressions are read better from then on."


def take_baselines(stream: LiveStream) -> None:
    """Take the next three seconds of every face in view as neutral, or say that there is none."""
    numbers = _in_view(stream)
    for number in numbers:
        stream.start_baseline(number)
    if not numbers:
        st.toast("There is no face in view to take a baseline of.", icon=":material/person_off:")


def show_baseline(stream: LiveStream) -> None:
    """Show for each face in view how far its baseline is taken, doubts about it, and a button that removes it."""
    numbers = _in_view(stream)
    taken = {number: stream.baseline(number) for number in numbers}
    if numbers and not any(share is not None for share in taken.values()):
        st.caption(_HINT)
    for number, share in taken.items():
        whose = "" if len(numbers) == 1 else f"Face {number}: "
        if share is not None and share < 1:
            st.progress(share, f"{whose}Look neutral and hold still …")
        elif share is not None:
            _taken(stream, number, whose)


def _in_view(stream: LiveStream) -> list[int]:
    return [reading.number for reading in stream.frame.readings] if stream.frame else []


def _taken(stream: LiveStream, number: int, whose: str) -> None:
    baseline = stream.baseline_of(number)
    doubt = baseline and baseline.doubt
    if doubt and st.session_state.get(_SURE) is not baseline:
        st.warning(
            f"{whose}This face looked **{doubt.words}** while it was taken as neutral, and is now read as a change "
            "from that.",
            icon=":material/sentiment_neutral:",
        )
        with st.container(horizontal=True):
            again = {"on_click": stream.start_baseline, "args": (number,), "type": "primary"}
            st.button("Take it again", key=f"baseline-again-{number}", **again)
            st.button("It is my neutral face", key=f"baseline-sure-{number}", on_click=_keep, args=(baseline,))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":green[:material/check_circle: **{whose}Baseline on**]")
        st.button("Remove", key=f"no-baseline-{number}", on_click=stream.forget_baseline, args=(number,))
    if now := _before_and_after(stream, number):
        st.caption(now)


def _keep(baseline: Baseline) -> None:
    st.session_state[_SURE] = baseline


def _before_and_after(stream: LiveStream, number: int) -> str | None:
    readings = stream.frame.readings if stream.frame else ()
    reading = next((reading for reading in readings if reading.number == number and reading.raw), None)
    if reading is None:
        return None
    plain = next(iter(reading.raw.values()))
    return f"Without it {plain.words}, with it {reading.answer.words}."


RECORDER_REFRESH_S = 1.0
_FILES: dict[str, Kind] = {"CSV": "csv", "Parquet": "parquet", "JSON Lines": "jsonl"}


def show_recorder(stream: LiveStream, running: bool) -> None:
    """Show the marks of the viewer's recording while it runs, then its files.

    Args:
        stream: The viewer's stream.
        running: Whether the recording ran when the bar was drawn.
    """
    recording = stream.recording
    if recording.running != running:
        st.rerun()  # it has ended by itself, and the bar does not know
    if not (recording.running or len(recording)):
        return
    with st.container(border=True, gap="small"):
        st.markdown(_state(recording))
        if recording.running:
            _events(recording)
        else:
            _downloads(recording)


def start_recording(stream: LiveStream) -> None:
    """Start a new recording; the rows of the one before are dropped."""
    faces = [reading.face for reading in stream.frame.readings] if stream.frame else []
    blendshapes = next((face.blendshapes for face in faces if face.blendshapes), {})
    columns = columns_for(
        stream.recognizer.card, raw=True, event=True, blendshapes=blendshapes, pose=stream.options.mesh
    )
    stream.recording.start(columns)


def show_recorded(stream: LiveStream) -> None:
    """Show the recording over time, once it has ended."""
    recording = stream.recording
    if recording.running or not len(recording):
        return
    st.subheader("What was recorded")
    marks = [(time_s, event) for time_s, event in recording.marks() if time_s is not None]
    time_view.show(recording.table(), recording.times_s(), "live-time", events=marks)


def _state(recording: Recording) -> str:
    rows = f"{len(recording):,} rows"
    if recording.running:
        return f":red[:material/radio_button_checked:] **Recording**: {rows}. The readings only, never the pictures."
    full = ", and then it was full" if len(recording) >= MAX_ROWS else ""
    return f"**Recorded**: {rows}{full}. Record starts a new one."


def _events(recording: Recording) -> None:
    # A form, because the arguments of a button would hold what was typed when it was last drawn, a second ago.
    with st.form("event", clear_on_submit=True, border=False), st.container(horizontal=True):
        text = st.text_input("Event", placeholder="Event, such as: film begins", label_visibility="collapsed")
        if st.form_submit_button("Mark", icon=":material/flag:"):
            event = text.strip() or "mark"
            recording.mark(event)
            st.toast(f"Marked: {escaped(event)}", icon=":material/flag:")
    _marks(recording)


def _marks(recording: Recording) -> None:
    marks = recording.marks()
    lines = [
        f"{'' if time_s is None else f'{time_s:.1f} s '}{escaped(event)}" for time_s, event in marks[-_MARKS_SHOWN:]
    ]
    if left := len(marks) - len(lines):
        lines.insert(0, f"{left} more")
    if lines:
        st.caption(":material/flag: " + " · ".join(lines))


def _downloads(recording: Recording) -> None:
    with st.container(horizontal=True):
        for label, kind in _FILES.items():
            # Not a function that makes the file on demand: this part is redrawn each second, and Streamlit forgets the
            # old function at once; a click that is under way would be lost.
            content = recording.file(kind)
            st.download_button(label, content, f"mien-live.{kind}", on_click="ignore", icon=":material/download:")
        if recording.made_by:
            provenance.side_file(recording.made_by, "mien-live.csv")
        st.button("Delete", on_click=recording.clear, type="tertiary", icon=":material/delete:")
    if recording.made_by:
        provenance.line(recording.made_by)
