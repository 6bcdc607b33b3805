"""What a viewer can change while the stream runs: settings, personal baselines, the recording."""

import streamlit as st

from core.corrections import Baseline
from core.output.table import Kind, columns_for
from core.streams.session import SessionOptions
from webapp.ui.live.recording import MAX_ROWS, Recording
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import engine, provenance
from webapp.ui.shared.messages import escaped

_MARKS_SHOWN = 5  # the last ones
_INTERVALS = (0.0, 0.5, 1.0, 2.0, 5.0)
_DEFAULTS = SessionOptions()
_PRIORS = {"As in training": False, "All equal": True}


def apply_settings(stream: LiveStream) -> None:
    """Show the settings in the sidebar and give them to the stream, for the next frame on.

    Raises:
        MienError: The chosen model cannot be loaded.
    """
    stream.recognizer = engine.recognizer(engine.choose_model())
    with st.sidebar:
        every_s = st.select_slider("Read expressions", _INTERVALS, format_func=_interval)
        smoothing_s = st.slider(
            "Smoothing",
            *(0.0, 3.0, _DEFAULTS.smoothing_s, 0.1),
            format="%.1f s",
            help="How slowly the bars follow the face. At 0 each picture is read by itself.",
        )
        prior = st.segmented_control(
            "How common expressions are",
            list(_PRIORS),
            default="As in training",
            required=True,
            help="Some expressions are rarer than others in the pictures that the model learned from, and it answers "
            "accordingly. **All equal** takes this out: it finds rare expressions more often, and is wrong a little "
            "more often overall. What it was never taught it does not answer either way.",
        )
        mesh = st.toggle("Show the face mesh", help="The points on every face, and how the head is turned.")
        stream.mirror = st.toggle("Mirror the picture", value=True)
    stream.options = SessionOptions(smoothing_s, every_s, _PRIORS[prior], mesh)


def _interval(seconds: float) -> str:
    return f"every {seconds:g} s" if seconds else "every frame"


BASELINE_REFRESH_S = 0.5
_SURE = "live_baseline_sure"  # the doubtful baseline that the viewer wants all the same
_BENEFIT = "Look neutral for three seconds, and your other expressions are read better from then on."


def show_baseline(stream: LiveStream) -> None:
    """Show, for each face in view, a button that takes or removes its baseline, or the progress of taking it."""
    with st.container(border=True, gap="small"):
        st.markdown(
            "**:material/self_improvement: Personal baseline**",
            help="Faces differ at rest: some look stern or sad to a model. Three seconds of your neutral face show it "
            "the difference, and it reads your other expressions much better.",
        )
        numbers = [reading.number for reading in stream.frame.readings] if stream.frame else []
        if not numbers:
            st.caption(f"{_BENEFIT} First let the camera see your face.")
        elif any(stream.baseline(number) is None for number in numbers):
            st.caption(_BENEFIT)
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
        _taken(stream, number, whose)


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


def show_recorder(stream: LiveStream) -> None:
    """Show the controls of the viewer's recording."""
    recording = stream.recording
    with st.container(border=True, gap="small"):
        st.markdown(
            "**:material/radio_button_checked: Recording**",
            help="A row for each face and frame: when, where, which expression. Pictures are never stored.",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if recording.running:
                st.button("Stop recording", on_click=recording.stop, type="primary", icon=":material/stop:")
            else:
                st.button(
                    "Record again" if len(recording) else "Start recording",
                    on_click=_start,
                    args=(stream,),
                    icon=":material/fiber_manual_record:",
                    disabled=stream.frame is None,
                )
            st.markdown(_state(recording))
        if recording.running:
            _events(recording)
        elif len(recording):
            _downloads(recording)


def _start(stream: LiveStream) -> None:
    faces = [reading.face for reading in stream.frame.readings] if stream.frame else []
    blendshapes = next((face.blendshapes for face in faces if face.blendshapes), {})
    columns = columns_for(
        stream.recognizer.card, raw=True, event=True, blendshapes=blendshapes, pose=stream.options.mesh
    )
    stream.recording.start(columns)


def _state(recording: Recording) -> str:
    rows = f"{len(recording):,} rows"
    if recording.running:
        return f":red[:material/fiber_manual_record:] {rows}"
    if len(recording) >= MAX_ROWS:
        return f"{rows}: the recording is full"
    return rows if len(recording) else ":gray[The readings only, never the pictures.]"


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
