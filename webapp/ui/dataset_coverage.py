"""In how many faces the mesh is found."""

import streamlit as st

from training.audit.statistics import coverage
from training.datasets.index import Rows
from webapp import charts, charts_dataset


def show_mesh_coverage(rows: Rows) -> None:
    """By class and split, where the mesh was computed before."""
    table = coverage(rows)
    if table.empty:
        st.info(
            "The face mesh of these images was not computed yet; training a model that uses it does that. All of "
            "FER2013 takes some minutes.",
            icon=":material/face_retouching_off:",
        )
        st.code(f"python -m training train mesh-svm --data {rows.path}", language="sh")
        return
    found, images = table["found"].sum(), table["images"].sum()
    st.markdown(
        f"MediaPipe sees a face mesh in **{found / images:.1%}** of {images:,} images. "
        "A model that needs the mesh can say nothing of the others, and each counts as an error."
    )
    st.plotly_chart(charts_dataset.coverage_dots(table), config=charts.CONFIG, alt="Meshes found by class and split")
    shares = table.pivot(index="label", columns="split", values="share").reindex(
        index=table["label"].unique(), columns=table["split"].unique()
    )
    st.dataframe(shares.rename_axis(index=None, columns=None).style.format("{:.1%}"))
