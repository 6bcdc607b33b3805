"""Start and stop a recording, mark events, take the readings away."""

import streamlit as st

from core.output.table import Kind, columns_for
from webapp.ui.live_recording import MAX_ROWS, Recording
from webapp.ui.live_stream import LiveStream

RECORDER_REFRESH_S = 1.0
_FILES: dict[str, Kind] = {"CSV": "csv", "Parquet": "parquet", "JSON Lines": "jsonl"}


def show_recorder(stream: LiveStream) -> None:
    """The controls of the viewer's one recording."""
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
                    "Record anew" if len(recording) else "Start recording",
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
    stream.recording.start(columns_for(stream.recognizer.card, raw=True, event=True, blendshapes=blendshapes))


def _state(recording: Recording) -> str:
    rows = f"{len(recording):,} rows"
    if recording.running:
        return f":red[:material/fiber_manual_record:] {rows}"
    if len(recording) >= MAX_ROWS:
        return f"{rows}: the recording is full"
    return rows if len(recording) else ":gray[The readings only, never the pictures.]"


def _events(recording: Recording) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Event", placeholder="Event, such as: film begins", label_visibility="collapsed")
        st.button("Mark", on_click=recording.mark, args=(text.strip() or "mark",), icon=":material/flag:")


def _downloads(recording: Recording) -> None:
    with st.container(horizontal=True):
        for label, kind in _FILES.items():
            # Not a function that makes them on demand: this part draws itself anew each second, and Streamlit forgets
            # the old function at once; a click that is on its way meanwhile would be lost.
            content = recording.file(kind)
            st.download_button(label, content, f"mien-live.{kind}", on_click="ignore", icon=":material/download:")
        st.button("Delete", on_click=recording.clear, type="tertiary", icon=":material/delete:")
