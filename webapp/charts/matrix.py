"""A matrix of counts, for confusion between labels and for agreement of labels with votes."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from webapp.charts.theme import fixed

# The scale begins transparent, so that the page's own text is readable on weak cells in light and dark themes; from
# half of a row on it is strong enough for white text.
_STRONG = 0.5
_BLUES = [
    [0, "rgba(60,125,200,0)"],
    [_STRONG, "rgba(60,125,200,0.4)"],
    [_STRONG, "rgba(40,105,180,0.85)"],
    [1, "rgba(25,85,155,1)"],
]
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
    """Draw counts as cells that are the stronger in colour, the larger their share of the row.

    Args:
        counts: int (R, C).
        rows: The R row names, from the top.
        columns: The C column names, from the left.
        row_title: Title of the vertical axis.
        column_title: Title of the horizontal axis.
        hover: Text for the cell under the pointer, in which `%{y}` is its row and `%{x}` its column.
        as_shares: Write shares of the row into the cells instead of counts.
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
    texts = np.array([f"{share:.0%}" for share in shares.flat] if as_shares else [f"{n:,}" for n in counts.flat])
    strong = shares.ravel() >= _STRONG
    # The heatmap's own text would choose its colour as if the page were white.
    written = [
        go.Scatter(
            x=np.tile(columns, len(rows))[which],
            y=np.repeat(rows, len(columns))[which],
            text=texts[which],
            mode="text",
            textfont=font,
            hoverinfo="skip",
        )
        for which, font in ((~strong, None), (strong, {"color": "white"}))
    ]
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure = go.Figure([cells, *written]).update_xaxes(title=column_title, side="top", **axis)
    return fixed(figure.update_yaxes(title=row_title, autorange="reversed", automargin=True, **axis), _HEIGHT)
