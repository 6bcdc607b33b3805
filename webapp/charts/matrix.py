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
        hoverinfo="skip",
    )
    # Only a trace with markers can be clicked; these are invisible, and about as large as a cell of a narrow chart.
    unseen = {"marker": {"opacity": 0}}
    places = go.Scatter(
        x=np.tile(columns, len(rows)),
        y=np.repeat(rows, len(columns)),
        mode="markers",
        marker={"size": 36, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=np.stack([counts.ravel(), shares.ravel()], axis=1),
        hovertemplate=f"{hover}: %{{customdata[0]:,}} (%{{customdata[1]:.0%}})<extra></extra>",
    )
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True}
    figure = go.Figure([cells, places]).update_xaxes(title=column_title, side="top", **axis)
    # The heatmap's own text would choose its colour as if the page were white, and that of a trace fades after a click.
    for (row, column), share in np.ndenumerate(shares):
        text = f"{share:.0%}" if as_shares else f"{counts[row, column]:,}"
        font = {"color": "white"} if share >= _STRONG else None
        figure.add_annotation(x=columns[column], y=rows[row], text=text, font=font, showarrow=False)
    return fixed(figure.update_yaxes(title=row_title, autorange="reversed", automargin=True, **axis), _HEIGHT)
