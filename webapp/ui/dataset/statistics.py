"""The images of each class: their mean face, their light, and a map of which ones are similar."""

from functools import partial

import cv2
import numpy as np
import streamlit as st

from core.labels import FERPLUS8
from training.audit import projection
from training.audit.statistics import Statistics, by_class, statistics_of
from training.datasets.index import Rows
from webapp.charts import dataset, theme
from webapp.ui.dataset import changes, tiles
from webapp.ui.shared.background import wait_for
from webapp.ui.shared.datasets import split_name
from webapp.ui.shared.picture_wall import Tile, paged

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
    split = st.pills(
        "Split", rows.present, format_func=partial(split_name, rows), key="dataset_faces_split", persist_state="session"
    )
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
        st.header(title, anchor=False)
        st.plotly_chart(dataset.spread(by_class(rows, values), axis), config=theme.CONFIG, alt=f"{title} by class")


_METHODS = {"pca": "PCA", "t-sne": "t-SNE"}
_VIEWS = {"embedding": "Embedder", "movements": "Movements", "pixels": "Pixels"}
_MEANINGS = {
    "embedding": "Images are compared by the embedder's numbers, which were learnt for expressions: close ones look "
    "alike to a model.",
    "movements": "Images are compared by 52 movements of the face, such as how far the mouth is open.",
    "pixels": "Images are compared by pixels, without brightness and contrast: close ones share light and pose.",
}
_A_PAGE = 32


def show_map(rows: Rows) -> None:
    """Show the map, and the images of the points that are selected on it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        views = [view for view in _VIEWS if view != "movements" or projection.has_movements(rows)]
        view = st.segmented_control(
            "By",
            views,
            format_func=_VIEWS.get,
            default=views[0],
            required=True,
            key="dataset_map_by",
            persist_state="session",
        )
        method = st.segmented_control(
            "Method", list(_METHODS), format_func=_METHODS.get, default="pca", required=True,
            key="dataset_map_method", persist_state="session",
            help="PCA is quick; t-SNE shows groups better and takes a minute the first time.",
        )  # fmt: skip
        lasso = st.toggle(
            "Select with a lasso",
            help="Draw around points to see all of their images.",
            key="dataset_map_lasso",
            persist_state="session",
        )
    if not _is_wanted(rows, view):
        return
    key = f"map-{rows.hash}-{view}-{method}"
    title = f"Drawing the map with {_METHODS[method]}"
    if not projection.is_computed(rows, view):
        title = "Computing the embedder's numbers"
    drawn = wait_for(key, title, lambda progress: projection.draw_map(rows, view, method, progress))
    if drawn:
        st.caption(f"{len(drawn.rows):,} random images. {_MEANINGS[view]} Select points to see their images.")
        _map(rows, drawn, f"{key}-{lasso}", lasso)


def _is_wanted(rows: Rows, view: str) -> bool:
    """Whether the map can be drawn now; where that takes long, only after a press of a button."""
    if projection.is_computed(rows, view) or st.session_state.get(asked := f"map-asked-{rows.hash}"):
        return True
    count = min(projection.SIZE, int(rows.found.sum()))
    st.info(
        f"The embedder's numbers of these images are not computed yet. It takes some milliseconds for each of "
        f"{count:,} random images, one or two minutes in all, and is kept for later visits.",
        icon=":material/scatter_plot:",
    )
    st.button(
        "Compute them",
        type="primary",
        icon=":material/play_arrow:",
        on_click=lambda: st.session_state.update({asked: True}),
    )
    return False


def _map(rows: Rows, drawn: projection.Map, key: str, lasso: bool) -> None:
    labels = np.array(FERPLUS8.labels)[rows.labels[drawn.rows]]
    chosen = st.plotly_chart(
        dataset.scatter(drawn.points, labels, drawn.rows, lasso),
        config=theme.CONFIG,
        key=key,
        on_select="rerun",
        selection_mode=("points", "lasso"),
        alt="A map of the images, coloured by class",
    )
    selected = [int(np.ravel(point["customdata"])[0]) for point in chosen["selection"]["points"]]
    if not selected:
        return
    if len(selected) > 1:
        st.markdown(f"**{len(selected):,} images selected**")
        changes.change_many(rows, selected, "map")
    shown = selected[paged(len(selected), f"{key}-page-{hash(tuple(selected))}", _A_PAGE)]
    tiles.show(rows, [Tile(row, (FERPLUS8.labels[rows.labels[row]], f"row {row}")) for row in shown], "map")
