"""The results of a clip: its time view, a summary, and files to download."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd
import streamlit as st

from core.output.provenance import Provenance
from core.output.table import SHEET_ROWS, encode
from webapp.ui.shared import provenance, time_view
from webapp.ui.shared.messages import escaped
from webapp.ui.video import baseline, faces
from webapp.ui.video.job import VideoJob

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
    view, summary, below = st.container(), st.container(), st.container()
    with below:
        names = faces.choose_names(job)
        table = faces.renamed(baseline.table_of(job, names), names)
        _downloads(job, table, baseline.made_by(job, names))
    summaries = faces.summarise(result, table)
    with summary:
        faces.show_summary(summaries)
    with view:
        time_view.show(
            table,
            result.times_s,
            f"video-time-{job.run}",
            video=result.annotated,
            alt=f"{job.name} with its faces marked",
            portraits=faces.portraits(job, names, table),
            order=[summary.face for summary in summaries],
            beside=lambda face, moment_s, row: baseline.offer(job, names, face, time_view.title(face), moment_s, row),
        )
        baseline.note(job)


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


def offer_all(jobs: Sequence[VideoJob]) -> None:
    """Show a button for the tables of all clips in one file, when several are read."""
    read = [job for job in jobs if job.result is not None]
    if len(read) > 1:
        st.download_button(
            f"Tables of all {len(read)} clips (ZIP)",
            lambda: tables_of(read),
            "mien-clips.zip",
            on_click="ignore",
            icon=":material/folder_zip:",
            help="A CSV table for each clip, and beside it how it was read.",
        )


def tables_of(jobs: Sequence[VideoJob]) -> bytes:
    """Return a ZIP file with a CSV table for each clip that was read, and beside it how it was read."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, job in enumerate(jobs, start=1):
            names = faces.names_of(job)
            table = faces.renamed(baseline.table_of(job, names), names)
            made_by = baseline.made_by(job, names)
            file = f"{place}-{PurePath(job.name).stem}-mien.csv"  # two clips may have one name
            archive.writestr(file, encode(table.to_dict("records"), list(table.columns), "csv", made_by))
            archive.writestr(f"{file}.provenance.json", made_by.text())
    return stream.getvalue()
