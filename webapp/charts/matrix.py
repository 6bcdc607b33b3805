"""One chart for confusion, agreement and their like. No Streamlit here, as in charts.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

# From the page's own ground, be it light or dark, on which its own text stands; from half of a row on strong enough for
# white text.
_HALF = 0.5
_BLUES = [
    [0, "rgba(60,125,200,0)"],
    [_HALF, "rgba(60,125,200,0.4)"],
    [_HALF, "rgba(40,105,180,0.85)"],
    [1, "rgba(25,85,155,1)"],
]
_CLEAR = "rgba(0,0,0,0)"
_HEIGHT = 400


def share_matrix(
    counts: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    row_title: str,
    column_title: str,
    hover: str,
    as_shares: bool = False,
) -> go.Figure:
    """Cells that are the stronger in colour the larger their share of the row; written in them is how many they are.

    Args:
        counts: Int (rows, columns).
        rows: Their names, from the top.
        columns: Likewise, from the left.
        row_title: What the rows are.
        column_title: What the columns are.
        hover: Words for a cell, where `%{y}` is its row and `%{x}` its column.
        as_shares: Write shares of the row instead of numbers.
    """
    rows, columns = list(rows), list(columns)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cells = go.Heatmap(
        z=shares,
        x=columns,
        y=rows,
        customdata=counts,
        zmin=0,
        zmax=1,
        colorscale=_BLUES,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate=f"{hover}: %{{customdata:,}} (%{{z:.0%}})<extra></extra>",
    )
    told = np.array([f"{share:.0%}" for share in shares.flat] if as_shares else [f"{count:,}" for count in counts.flat])
    strong = shares.ravel() >= _HALF
    # Not the cells' own text, whose colour is chosen as if the page were white.
    texts = [
        go.Scatter(
            x=np.tile(columns, len(rows))[which],
            y=np.repeat(rows, len(columns))[which],
            text=told[which],
            mode="text",
            textfont=font,
            hoverinfo="skip",
        )
        for which, font in ((~strong, None), (strong, {"color": "white"}))
    ]
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure = go.Figure([cells, *texts]).update_xaxes(title=column_title, side="top", **axis)
    return figure.update_yaxes(title=row_title, autorange="reversed", automargin=True, **axis).update_layout(
        height=_HEIGHT,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        dragmode=False,
        showlegend=False,
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
    )
