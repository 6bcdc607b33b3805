"""The images of each class: their mean face, their light, and a map of which ones are similar."""

import cv2
import numpy as np
import streamlit as st

from core.labels import FERPLUS8
from training.audit.projection import Map, draw_map, has_movements
from training.audit.statistics import Statistics, by_class, statistics_of
from training.datasets.index import Rows, pictures
from webapp.charts import dataset, theme
from webapp.ui.shared.background import wait_for
from webapp.ui.shared.picture_wall import described

_SIDE = 144


def measured(rows: Rows) -> Statistics | None:
    """Return what `training.audit.statistics` measures; until it is there, show a bar and return None."""
    return wait_for(f"looks-{rows.hash}", "Looking at every picture", lambda progress: statistics_of(rows, progress))


def show_faces(rows: Rows) -> None:
    """Show the mean face of each class."""
    if not (found := measured(rows)):
        return
    st.markdown(
        "The average of all images of a class shows what they have in common. If it does not show the expression, the "
        "images differ much, or their labels are wrong."
    )
    split = st.pills("Split", rows.present, key="dataset_faces_split")
    cells = st.grid(min_column_width=_SIDE)
    for label in rows.classes:
        if (face := found.mean_face(rows, label, split)) is not None:
            large = cv2.resize(face, (2 * _SIDE, 2 * _SIDE), interpolation=cv2.INTER_CUBIC)
            cells.image(large, caption=label, width=_SIDE, alt=f"Mean face: {label}")


def show_light(rows: Rows) -> None:
    """Show brightness and contrast by class."""
    if not (found := measured(rows)):
        return
    st.markdown(
        "Where classes differ here, a model may learn the light instead of the face. A box holds the middle half of a "
        "class's images, and its whiskers hold nine in ten."
    )
    for title, axis, values in (
        ("Brightness", "mean grey level, 0 to 255", found.brightness),
        ("Contrast", "standard deviation of the grey levels", found.contrast),
    ):
        st.subheader(title, anchor=False)
        st.plotly_chart(dataset.spread(by_class(rows, values), axis), config=theme.CONFIG, alt=f"{title} by class")


_METHODS = {"pca": "PCA", "t-sne": "t-SNE"}
_VIEWS = {"pixels": "Pixels", "movements": "Movements"}
_MEANINGS = {
    "pixels": "Images are compared by pixels, without brightness and contrast: close ones share light and pose.",
    "movements": "Images are compared by 52 movements of the face, such as how far the mouth is open.",
}


def show_map(rows: Rows) -> None:
    """Show the map, and the image of a point that was clicked."""
    with st.container(horizontal=True):
        views = list(_VIEWS) if has_movements(rows) else ["pixels"]
        view = st.segmented_control("By", views, format_func=_VIEWS.get, default="pixels", required=True)
        method = st.segmented_control(
            "Method", list(_METHODS), format_func=_METHODS.get, default="pca", required=True,
            help="PCA is quick; t-SNE shows groups better and takes a minute the first time.",
        )  # fmt: skip
    key = f"map-{rows.hash}-{view}-{method}"
    drawn = wait_for(key, f"Drawing the map with {_METHODS[method]}", lambda _: draw_map(rows, view, method))
    if drawn:
        st.caption(f"{len(drawn.rows):,} random images. {_MEANINGS[view]} Click a point to see its image.")
        _map(rows, drawn, key)


def _map(rows: Rows, drawn: Map, key: str) -> None:
    charted, seen = st.columns([4, 1], gap="medium")
    labels = np.array(FERPLUS8.labels)[rows.labels[drawn.rows]]
    with charted:
        chosen = st.plotly_chart(
            dataset.scatter(drawn.points, labels, drawn.rows),
            config=theme.CONFIG,
            key=key,
            on_select="rerun",
            selection_mode="points",
            alt="A map of the images, coloured by class",
        )
    points = chosen["selection"]["points"]
    if points:
        row = int(np.ravel(points[0]["customdata"])[0])
        (png,) = pictures(rows.path, [row])
        seen.image(png, width="stretch", caption=described(rows, row), alt=described(rows, row))
