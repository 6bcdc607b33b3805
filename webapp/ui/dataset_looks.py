"""What the pictures of each class look like on average, and in what light they were taken."""

import cv2
import streamlit as st

from training.audit.statistics import Looks, by_class, look
from training.datasets.index import Rows
from webapp import charts, charts_dataset
from webapp.ui.dataset_wait import wait_for

_SIDE = 144


def looks_of(rows: Rows) -> Looks | None:
    """See `look`; a bar, and None, until every picture was looked at."""
    return wait_for(f"looks-{rows.hash}", "Looking at every picture", lambda progress: look(rows, progress))


def show_faces(rows: Rows) -> None:
    """The mean face of each class."""
    if not (looks := looks_of(rows)):
        return
    st.markdown(
        "All images of a class laid over one another. What can be seen is what they have in common; a mean face that "
        "does not show its expression means that its images vary, or that their labels do."
    )
    split = st.pills("Split", rows.present, key="dataset_faces_split")
    cells = st.grid(min_column_width=_SIDE)
    for label in rows.classes:
        if (face := looks.mean_face(rows, label, split)) is not None:
            large = cv2.resize(face, (2 * _SIDE, 2 * _SIDE), interpolation=cv2.INTER_CUBIC)
            cells.image(large, caption=label, width=_SIDE, alt=f"Mean face: {label}")


def show_light(rows: Rows) -> None:
    """Brightness and contrast by class."""
    if not (looks := looks_of(rows)):
        return
    st.markdown(
        "Where classes differ here, a model may learn the light instead of the face. A box holds the middle half of a "
        "class's images, its whiskers nine in ten."
    )
    for title, axis, values in (
        ("Brightness", "mean grey level, 0 to 255", looks.brightness),
        ("Contrast", "standard deviation of the grey levels", looks.contrast),
    ):
        st.subheader(title, anchor=False)
        st.plotly_chart(
            charts_dataset.spread(by_class(rows, values), axis), config=charts.CONFIG, alt=f"{title} by class"
        )
