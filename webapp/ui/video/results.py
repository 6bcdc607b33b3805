"""The results of a clip: the marked video, a timeline for each face, a summary, and files to download."""

import html
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import MienError
from core.labels import FER7
from core.output.draw import UNSURE_COLOUR
from core.output.provenance import Provenance
from core.output.table import SHEET_ROWS, UNSURE, encode
from core.streams.replay import told_in
from core.video.clip import picture_at
from webapp.charts import theme, timelines
from webapp.ui.shared import provenance
from webapp.ui.shared.messages import escaped, show_error
from webapp.ui.video import baseline, faces
from webapp.ui.video.job import VideoJob

_TIMELINES_A_PAGE = 4
_KINDS = {"CSV": "csv", "Parquet": "parquet", "JSON Lines": "jsonl", "Excel": "xlsx"}


def show(job: VideoJob) -> None:
    """Show everything that was read from a clip."""
    result = job.result
    if result.problem:
        st.warning(escaped(result.problem), icon=":material/broken_image:")
    if result.table.empty:
        st.info(
            "No face was found in this clip. Faces should take a seventh of the picture or more; **Look for small "
            "faces** finds smaller ones.",
            icon=":material/person_off:",
        )
        st.video(result.annotated, width=640)
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.video(result.annotated, alt=f"{job.name} with its faces marked")
        baseline.note(job)
    with right:
        downloads = st.container()
        names = faces.choose_names(job)
        table = faces.renamed(baseline.table_of(job, names), names)
        with downloads:
            _downloads(job, table, baseline.made_by(job, names))
    summaries = faces.summarise(result, table)
    faces.show_summary(summaries)
    st.header("Timeline", anchor=False)
    _timelines(job, names, table, [summary.face for summary in summaries])


def _downloads(job: VideoJob, table: pd.DataFrame, made_by: Provenance) -> None:
    stem = PurePath(job.name).stem
    with st.container(horizontal=True):
        for label, kind in _KINDS.items():
            too_long = kind == "xlsx" and len(table) >= SHEET_ROWS
            st.download_button(
                label,
                lambda kind=kind: encode(table.to_dict("records"), list(table.columns), kind, made_by),
                f"{stem}-mien.{kind}",
                on_click="ignore",
                icon=":material/download:",
                disabled=too_long,
                help="There are more rows than an Excel sheet holds: take Parquet." if too_long else None,
            )
        st.download_button(
            "Video (MP4)",
            job.result.annotated.read_bytes,
            f"{stem}-mien.mp4",
            on_click="ignore",
            icon=":material/download:",
            help="The video shows the faces' numbers, even of faces that have names here.",
        )
        provenance.side_file(made_by, f"{stem}-mien.csv")
    provenance.line(made_by)


@st.fragment
def _timelines(job: VideoJob, names: Mapping[int, str], table: pd.DataFrame, shown: list) -> None:
    times = job.result.times_s
    pages = -(-len(shown) // _TIMELINES_A_PAGE)
    # The picture comes first because on a narrow screen the columns are below one another.
    seen, charted = st.columns([2, 3], gap="medium")
    moment = f"video_moment_{job.run}"
    st.session_state.setdefault(moment, float(table["time_s"].iloc[0]))
    with charted:
        _legend()
        page = st.pagination(pages, key=f"video_faces_page_{job.run}") if pages > 1 else 1
        first = (page - 1) * _TIMELINES_A_PAGE
        for face in shown[first : first + _TIMELINES_A_PAGE]:
            key = f"video_timeline_{job.run}_{face}"
            baseline.offer(job, names, face, _title(face), st.session_state[moment])
            st.plotly_chart(
                timelines.clip_timeline(table[table["face"] == face], times, st.session_state[moment]),
                config=theme.CONFIG,
                key=key,
                on_select=lambda key=key: _select(key, moment),
                selection_mode="points",
                alt=f"Expressions of {_title(face)} over the clip",
            )
    with seen:
        _moment(job, table, moment)


def _select(key: str, moment: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        point = points[0]
        # In the band of labels, "base" is where a piece begins, and "x" its length.
        st.session_state[moment] = float(point.get("base", point["x"]))


def _moment(job: VideoJob, table: pd.DataFrame, key: str) -> None:
    times = job.result.times_s
    if len(times) > 1:
        st.slider("Moment", float(times[0]), float(times[-1]), key=key, step=0.01, format="%.2f s")
        st.caption("Or click into a timeline.")
    wanted = st.session_state[key]
    time_s = float(times[max(0, np.searchsorted(times, wanted + 0.005, side="right") - 1)])
    rows = table[np.isclose(table["time_s"], time_s, atol=1e-5)]
    captions = [f"{_title(row['face'])}: {told_in(row)}" for row in rows.to_dict("records")]
    try:
        picture = picture_at(job.result.annotated, time_s - float(times[0]))
    except MienError as error:
        show_error(error)
        return
    if picture is not None:
        st.image(picture, alt=f"The clip at {time_s:.2f} s: {', '.join(captions) or 'no face'}")
        baseline.note(job)
    for text in captions or ["No face at this moment."]:
        st.markdown(escaped(text))


def _title(face: int | str) -> str:
    return f"Face {face}" if str(face).isdecimal() else str(face)


def _legend() -> None:
    """Show the colours and their labels, once for all charts."""
    colours = FER7.colours | {UNSURE: UNSURE_COLOUR}
    entries = "".join(
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:.8em;height:.8em;border-radius:.2em;'
        f'background:{colour};margin-right:.35em"></span>{html.escape(label)}</span>'
        for label, colour in colours.items()
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.875rem">{entries}</div>')
