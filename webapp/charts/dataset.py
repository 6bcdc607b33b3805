"""Figures of a dataset: its classes, the light in its images, where the mesh is found, and its map."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.labels import FERPLUS8
from webapp.charts.theme import GRID, fixed

_SPLITS = {"training": "#4C7FB8", "public-test": "#E69F3C", "private-test": "#9A6FB0"}


def class_bars(counts: pd.DataFrame, title: Callable[[str], str] = str) -> go.Figure:
    """Draw the number of images of each class, the splits stacked.

    Args:
        counts: A row for each split, a column for each class.
        title: Says what a split is called.
    """
    figure = go.Figure(
        [
            go.Bar(
                name=title(split),
                x=counts.columns,
                y=counts.loc[split],
                marker={"color": _SPLITS[split], "cornerradius": 3},
                hovertemplate=f"%{{x}}, {title(split)}: %{{y:,}}<extra></extra>",
            )
            for split in counts.index
        ]
    )
    legend = {"orientation": "h", "y": 1.12, "traceorder": "normal"}
    return _plain(figure, 300, barmode="stack", bargap=0.25, showlegend=True, legend=legend)


def spread(quantiles: pd.DataFrame, title: str) -> go.Figure:
    """Draw a box for each class around the middle half of its images, with whiskers around nine in ten of them.

    Args:
        quantiles: A row for each class; columns for the shares 0.05, 0.25, 0.5, 0.75 and 0.95.
        title: Title of the axis of values.
    """
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
    return _plain(figure, 300).update_yaxes(title=title, rangemode="tozero")


def coverage_dots(table: pd.DataFrame, title: Callable[[str], str] = str) -> go.Figure:
    """Draw the share of each class's faces in which the mesh was found, a dot for each split.

    Args:
        table: A row for each class and split, with the columns split, label, images, found and share.
        title: Says what a split is called.
    """
    figure = go.Figure(
        [
            go.Scatter(
                name=title(split),
                x=each["share"],
                y=each["label"],
                mode="markers",
                marker={"size": 11, "color": _SPLITS[split]},
                customdata=each[["found", "images"]],
                hovertemplate=f"%{{y}}, {title(split)}: %{{customdata[0]:,}} of %{{customdata[1]:,}}<extra></extra>",
            )
            for split, each in table.groupby("split", sort=False)
        ]
    )
    figure = _plain(figure, 320, showlegend=True, legend={"orientation": "h", "y": 1.12})
    return figure.update_xaxes(tickformat=".0%").update_yaxes(autorange="reversed", showgrid=True)


def scatter(points: np.ndarray, labels: Sequence[str], rows: Sequence[int], lasso: bool = False) -> go.Figure:
    """Draw images as points, coloured by label.

    Args:
        points: float (N, 2).
        labels: The N labels.
        rows: The N row numbers in the dataset, which a click on a point returns as its `customdata`.
        lasso: Whether dragging draws a lasso around points, instead of scrolling the page on a touch screen.
    """
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
    legend = {"orientation": "h", "y": 1.08, "itemsizing": "constant"}
    figure = _plain(figure, 520, showlegend=True, legend=legend, dragmode="lasso" if lasso else False)
    return figure.update_xaxes(visible=False).update_yaxes(visible=False)


def _plain(figure: go.Figure, height: int, **layout) -> go.Figure:
    figure.update_xaxes(fixedrange=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, zeroline=False, gridcolor=GRID, automargin=True)
    return fixed(figure, height, **layout)
