"""Plotly figures from readings. No Streamlit here: the Gradio Space draws the same ones."""

from __future__ import annotations

import plotly.graph_objects as go

from core.labels import LABEL_SETS
from core.readings import Reading

CONFIG = {"displayModeBar": False}
"""For whoever shows a figure: there is nothing to zoom into, so no toolbar."""

_BAR_PIXELS = 26


def probability_bars(reading: Reading) -> go.Figure:
    """Each label's probability as a bar, in the label set's order from the top.

    The ground is transparent and colours are told apart by name and percent too, so the figure suits light and
    dark pages and readers who see no colour.
    """
    label_set = LABEL_SETS[next(iter(reading.answers))]
    values = [reading.probabilities[label] for label in label_set.labels]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[f"<b>{label}</b>" if label == reading.label else label for label in label_set.labels],
            orientation="h",
            marker={"color": [label_set.colours[label] for label in label_set.labels], "cornerradius": 3},
            text=[f"{value * 100:.0f} %" for value in values],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    # The axis ends beyond 1 to leave room for "100 %" at the end of the longest bar.
    figure.update_xaxes(range=[0, 1.18], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False, automargin=True, ticklabelstandoff=6)
    return figure.update_layout(
        height=_BAR_PIXELS * len(values),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        bargap=0.3,
        dragmode=False,
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
