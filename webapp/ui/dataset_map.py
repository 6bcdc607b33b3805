"""Images as points: what looks alike lies close together."""

import numpy as np
import streamlit as st

from core.labels import FERPLUS8
from training.audit.projection import Map, draw_map, has_movements
from training.datasets.index import Rows, pictures
from webapp import charts, charts_dataset
from webapp.ui.dataset_pictures import described
from webapp.ui.dataset_wait import wait_for

_METHODS = {"pca": "PCA", "t-sne": "t-SNE"}
_VIEWS = {"pixels": "Pixels", "movements": "Movements"}
_MEANINGS = {
    "pixels": "Compared pixel by pixel, brightness and contrast taken out: what lies close is lit and turned alike.",
    "movements": "Compared by 52 movements of the face, such as how far the mouth is open.",
}


def show_map(rows: Rows) -> None:
    """The map, and the image of the point that was clicked."""
    with st.container(horizontal=True):
        views = list(_VIEWS) if has_movements(rows) else ["pixels"]
        view = st.segmented_control("By", views, format_func=_VIEWS.get, default="pixels", required=True)
        method = st.segmented_control(
            "Method", list(_METHODS), format_func=_METHODS.get, default="pca", required=True,
            help="PCA is there at once; t-SNE shows groups better and takes a minute the first time.",
        )  # fmt: skip
    key = f"map-{rows.hash}-{view}-{method}"
    drawn = wait_for(key, f"Drawing the map with {_METHODS[method]}", lambda _: draw_map(rows, view, method))
    if drawn:
        st.caption(f"{len(drawn.rows):,} images, by chance. {_MEANINGS[view]} Click a point to see its image.")
        _map(rows, drawn, key)


def _map(rows: Rows, drawn: Map, key: str) -> None:
    charted, seen = st.columns([4, 1], gap="medium")
    labels = np.array(FERPLUS8.labels)[rows.labels[drawn.rows]]
    with charted:
        chosen = st.plotly_chart(
            charts_dataset.scatter(drawn.points, labels, drawn.rows),
            config=charts.CONFIG,
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
