"""Figures of an audit. No Streamlit here, as in charts.py."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.labels import FERPLUS8

_SPLITS = {"training": "#4C7FB8", "public-test": "#E69F3C", "private-test": "#9A6FB0"}
_CLEAR = "rgba(0,0,0,0)"
_LINE = "rgba(128,136,150,0.35)"


def class_bars(counts: pd.DataFrame) -> go.Figure:
    """Images of each class, the splits stacked: a row for each split, a column for each class."""
    figure = go.Figure(
        [
            go.Bar(
                name=split,
                x=counts.columns,
                y=counts.loc[split],
                marker={"color": _SPLITS[split], "cornerradius": 3},
                hovertemplate=f"%{{x}}, {split}: %{{y:,}}<extra></extra>",
            )
            for split in counts.index
        ]
    )
    return _plain(figure, 300).update_layout(
        barmode="stack", bargap=0.25, legend={"orientation": "h", "y": 1.12, "traceorder": "normal"}
    )


def spread(quantiles: pd.DataFrame, title: str) -> go.Figure:
    """A box for each class, from the quarter to three quarters of its images; whiskers hold nine in ten of them."""
    low, lower, middle, upper, high = (quantiles[share].to_numpy() for share in quantiles)
    figure = go.Figure(
        [
            go.Box(
                x=[label],
                lowerfence=[low[i]],
                q1=[lower[i]],
                median=[middle[i]],
                q3=[upper[i]],
                upperfence=[high[i]],
                line={"color": FERPLUS8.colours[label], "width": 2},
                hoverinfo="y",
            )
            for i, label in enumerate(quantiles.index)
        ]
    )
    return _plain(figure, 300).update_layout(showlegend=False).update_yaxes(title=title, rangemode="tozero")


def coverage_dots(table: pd.DataFrame) -> go.Figure:
    """The share of faces of each class in which the mesh was found, a dot for each split."""
    figure = go.Figure(
        [
            go.Scatter(
                name=split,
                x=each["share"],
                y=each["label"],
                mode="markers",
                marker={"size": 11, "color": _SPLITS[split]},
                customdata=each[["found", "images"]],
                hovertemplate=f"%{{y}}, {split}: %{{customdata[0]:,}} of %{{customdata[1]:,}}<extra></extra>",
            )
            for split, each in table.groupby("split", sort=False)
        ]
    )
    figure = _plain(figure, 320).update_layout(legend={"orientation": "h", "y": 1.12})
    return figure.update_xaxes(tickformat=".0%").update_yaxes(autorange="reversed", showgrid=True, gridcolor=_LINE)


def scatter(points: np.ndarray, labels: Sequence[str], rows: Sequence[int]) -> go.Figure:
    """Images as points, coloured by label; each carries the number of its row, for whoever is told of a click."""
    labels, rows = np.asarray(labels), np.asarray(rows)
    figure = go.Figure(
        [
            go.Scattergl(
                name=label,
                x=points[labels == label, 0],
                y=points[labels == label, 1],
                mode="markers",
                marker={"size": 6, "color": FERPLUS8.colours[label], "opacity": 0.75},
                customdata=rows[labels == label],
                hovertemplate=f"{label}, row %{{customdata}}<extra></extra>",
            )
            for label in FERPLUS8.labels
            if (labels == label).any()
        ]
    )
    figure = _plain(figure, 520).update_layout(legend={"orientation": "h", "y": 1.08, "itemsizing": "constant"})
    return figure.update_xaxes(visible=False).update_yaxes(visible=False)


def _plain(figure: go.Figure, height: int) -> go.Figure:
    figure.update_xaxes(fixedrange=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, zeroline=False, gridcolor=_LINE, automargin=True)
    return figure.update_layout(
        height=height,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        dragmode=False,
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
    )
