"""What is not shown of PrivateTest, and why."""

import streamlit as st


def withheld(what: str) -> None:
    """Say it in one sentence."""
    st.info(
        f"{what} are not shown for PrivateTest: no stored Report holds them, and no ledger line, no look. PublicTest "
        "shows them.",
        icon=":material/lock:",
    )
