"""Duplicates: images that a dataset holds more than once, and a copy of the dataset without leaked test images."""

import streamlit as st

from training.audit.duplicates import exact, near
from training.datasets.index import Rows
from webapp.ui.dataset import changes, tiles
from webapp.ui.dataset.statistics import measured
from webapp.ui.shared.background import wait_for
from webapp.ui.shared.picture_wall import Tile, described, paged

_GROUPS_A_PAGE = 20
_MOST_OF_A_GROUP = 8
_EXACT, _NEAR = "Exact copies", "Look the same"


def show(rows: Rows) -> None:
    """Show the offer of a clean copy, and the groups of duplicates."""
    changes.offer_copy(rows)
    kind = st.segmented_control(
        "Kind",
        [_EXACT, _NEAR],
        default=_EXACT,
        required=True,
        label_visibility="collapsed",
        key="dataset_duplicates_kind",
        persist_state="session",
    )
    found = exact(rows) if kind == _EXACT else _near(rows)
    if found is None:
        return
    if kind == _NEAR:
        st.caption(
            "Pairs whose perceptual hashes differ in at most 4 of 64 bits: mostly one photo in two sizes or qualities. "
            "A clean copy keeps them."
        )
    with st.container(horizontal=True):
        across = st.toggle(
            "Across splits",
            help="Only images that are in more than one split",
            key="dataset_duplicates_across",
            persist_state="session",
        )
        differ = st.toggle(
            "Different labels",
            help="Only images that have more than one label",
            key="dataset_duplicates_differ",
            persist_state="session",
        )
    found = found[(found["across"] | (not across)) & (found["differ"] | (not differ))]
    st.caption(f"{len(found):,} {'images are in more than one row' if kind == _EXACT else 'pairs'}")
    shown = paged(len(found), f"dataset_duplicates_{rows.hash}_{kind}_{across}_{differ}", _GROUPS_A_PAGE)
    several = [[_tile(rows, row) for row in each[:_MOST_OF_A_GROUP]] for each in found["rows"][shown]]
    tiles.show_groups(rows, several, "duplicates")


def _near(rows: Rows):
    statistics = measured(rows)
    return statistics and wait_for(f"near-{rows.hash}", "Comparing all pictures", lambda _: near(rows, statistics))


def _tile(rows: Rows, row: int) -> Tile:
    return Tile(row, described(rows, row).split(" · "))
