"""The faces of a clip: names, which can merge faces that got two numbers, and a summary of each."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from core.output.summary import FaceSummary, Summary
from webapp.ui.shared.messages import escaped
from webapp.ui.video.job import ClipResult, VideoJob


def choose_names(job: VideoJob) -> dict[int, str]:
    """Let the viewer name the faces; returns the name of each number."""
    result = job.result
    by_time = result.table["face"].value_counts().index
    with (
        st.expander("Name or merge faces", icon=":material/group:"),
        st.container(height=330 if len(by_time) > 6 else "content", border=False),
    ):
        st.caption("A face that was out of view may come back with another number: give both numbers the same name.")
        cells = st.grid(min_column_width=190)
        for number in by_time:
            with cells.container(horizontal=True, vertical_alignment="center", wrap=False):
                st.image(result.portraits[number], width=56, alt=f"Face {number}")
                typed = st.text_input(
                    f"Face {number}",
                    job.names.get(number, str(number)),
                    key=f"video_name_{job.run}_{number}",
                    max_chars=40,
                )
                job.names[number] = typed.strip() or str(number)
    names, clashes = without_clashes(result.table, job.names)
    for clash in clashes:
        st.warning(escaped(clash), icon=":material/group_off:")
    return names


def names_of(job: VideoJob) -> dict[int, str]:
    """Return the name of each face of a clip that was read, as the viewer chose it."""
    return without_clashes(job.result.table, {n: job.names.get(n, str(n)) for n in job.result.portraits})[0]


def without_clashes(table: pd.DataFrame, names: Mapping[int, str]) -> tuple[dict[int, str], list[str]]:
    """Change names so that no two faces in one picture have the same.

    Args:
        table: The clip's table.
        names: The wanted name of each face number.

    Returns:
        The names by number, and a sentence for each name that had to be changed.
    """
    kept: dict[int, str] = {}
    clashes = []
    frames = {number: set(rows["frame"]) for number, rows in table.groupby("face")}
    for number, name in names.items():
        other = next((n for n, taken in kept.items() if taken == name and frames[n] & frames[number]), None)
        if other is None:
            kept[number] = name
            continue
        first = min(frames[other] & frames[number])
        time_s = table.loc[table["frame"] == first, "time_s"].iloc[0]
        kept[number] = f"{name} ({number})"
        clashes.append(
            f"Faces {other} and {number} are in view together at {time_s:.1f} s, so they cannot both be "
            f"“{name}”: face {number} is shown as “{kept[number]}”."
        )
    return kept, clashes


def renamed(table: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """Return the table with names in place of face numbers; they stay integers if all names are numbers."""
    faces = table["face"].map(dict(names))
    if all(name.isdecimal() and name == str(int(name)) for name in names.values()):
        faces = faces.astype(np.int64)
    return table.assign(face=faces)


def portraits(job: VideoJob, names: Mapping[int, str], table: pd.DataFrame) -> dict[int | str, bytes]:
    """Return the portrait of each face of a renamed table; that of the lowest number where one name has several."""
    numbers = {name: number for number, name in sorted(names.items(), reverse=True)}
    return {face: job.result.portraits[numbers[str(face)]] for face in table["face"].unique()}


def summarise(result: ClipResult, table: pd.DataFrame) -> list[FaceSummary]:
    """Summarise what each named face showed, the one that was in view longest first."""
    shown: dict[float, dict] = {}
    for time_s, face, label in zip(table["time_s"], table["face"], table["label"], strict=True):
        shown.setdefault(time_s, {})[face] = label
    summary = Summary()
    for time_s in result.times_s:
        summary.add(time_s, shown.get(round(time_s, 6), {}))
    return summary.faces()


def show_summary(summaries: list[FaceSummary]) -> None:
    """Show a row for each face: time in view, share of time for each expression, changes a minute."""
    rows = [
        {
            "Face": str(face.face),
            "In view": face.seconds,
            "Changes a minute": face.changes_a_minute,
            "Share of the time": ", ".join(
                f"{label} {share:.0%}" for label, share in face.shares.items() if share >= 0.005
            ),
        }
        for face in summaries
    ]
    columns = {
        "Face": st.column_config.TextColumn(width="small"),
        "In view": st.column_config.NumberColumn(format="%.1f s", width="small"),
        "Changes a minute": st.column_config.NumberColumn("Changes", format="%.0f / min", width="small"),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns)
