"""What the figures share: colours, axes and the transparent background that suits light and dark pages."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import plotly.graph_objects as go

CONFIG = {"displayModeBar": False}
"""Plotly's options for showing a figure: no toolbar, because there is nothing to zoom into."""

CLEAR = "rgba(0,0,0,0)"
GRID = "rgba(128,136,150,0.25)"
LINE = "rgba(128,136,150,0.9)"

MARKERS = ("circle", "square", "diamond", "triangle-up", "x", "star", "cross", "pentagon")
"""Marker symbols, which tell lines apart for people who see no colour."""

PERCENT = {"tickformat": ".0%", "showgrid": True, "gridcolor": GRID, "zeroline": False, "fixedrange": True}
"""An axis of shares."""

# From Okabe and Ito's and Paul Tol's palettes: colour-blind people tell them apart on light and on dark pages.
_COLOURS = ("#3D7DCA", "#D55E00", "#12988A", "#C2569B", "#B88100", "#8E5FC0", "#858A93", "#6A8F1F")


def colours(names: Sequence[str]) -> dict[str, str]:
    """Give each name (a model, a run, a measure) a colour by its place; they repeat after eight."""
    return dict(zip(names, cycle(_COLOURS), strict=False))


def fixed(figure: go.Figure, height: int, **layout: Any) -> go.Figure:
    """Set what holds for every figure: the page's own background, nothing to drag and, unless asked for, no legend.

    Args:
        figure: The figure; it is changed and returned.
        height: Height in pixels.
        layout: Further layout, or other values for what is set here.
    """
    common = {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "dragmode": False,
        "showlegend": False,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
    }
    return figure.update_layout(common | layout)


def with_legend_above(figure: go.Figure, height: int, legend: bool = True) -> go.Figure:
    """Apply `fixed`, with the legend, if there is one, in a line of its own above the figure."""
    figure.update_xaxes(ticklabeloverflow="allow")  # or a last label at the figure's edge is left out
    return fixed(
        figure,
        height + (30 if legend else 0),
        margin={"l": 0, "r": 16, "t": 8, "b": 0},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
