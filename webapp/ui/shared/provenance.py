"""What read the faces on a page: a line for people, and a file for those who take the figures away."""

import streamlit as st

from core.output.provenance import Provenance
from webapp.ui.shared.messages import escaped


def line(made_by: Provenance) -> None:
    """Show in a line what read the faces."""
    st.caption(f":material/history_edu: {escaped(str(made_by))}")


def side_file(made_by: Provenance, table: str) -> None:
    """Show a button for the file that belongs beside a csv or JSON Lines table.

    Args:
        made_by: Provenance of the table.
        table: Name of the table's file.
    """
    st.download_button(
        "How it was read",
        made_by.text(),
        f"{table}.provenance.json",
        on_click="ignore",
        icon=":material/history_edu:",
        help="Model, version, settings and time as JSON, to keep beside the table. Parquet and Excel hold them "
        "themselves.",
    )
