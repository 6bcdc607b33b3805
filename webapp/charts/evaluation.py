"""Figures of how often models are right, how sure they are of it, and what corruptions cost."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from training.evaluation.corruptions import STRENGTHS
from training.evaluation.curves import Curve
from training.evaluation.report import Report
from training.evaluation.robustness import Robustness
from webapp.charts.matrix import share_matrix
from webapp.charts.theme import GRID, LINE, MARKERS, PERCENT, colours, with_legend_above

NO_FACE = "no face"
"""Name of the column of faces that were not found."""

_LINE_PIXELS = 28  # height of an interval with its figure above


def accuracies(rows: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> go.Figure:
    """Draw shares with their intervals.

    Args:
        rows: By model and by name of the measure: the share, then the lower and the upper end of its interval.
    """
    figure = go.Figure()
    hues = colours(list(rows))
    measures = list(dict.fromkeys(name for shares in rows.values() for name in shares))
    pixels = _LINE_PIXELS * (len(rows) + 1)  # height of one measure
    for number, (model, shares) in enumerate(rows.items()):
        places = [measures.index(name) + _LINE_PIXELS / pixels * (number - (len(rows) - 1) / 2) for name in shares]
        values = [value for value, _, _ in shares.values()]
        figure.add_scatter(
            name=model,
            x=values,
            y=places,
            mode="markers+text",
            marker={"color": hues[model], "size": 10, "symbol": MARKERS[number % len(MARKERS)]},
            error_x={
                "array": [high - value for value, _, high in shares.values()],
                "arrayminus": [value - low for value, low, _ in shares.values()],
                "color": hues[model],
                "thickness": 2,
                "width": 4,
            },
            text=[f"{value:.1%}" for value in values],
            textposition="top center",
            cliponaxis=False,
            customdata=[(name, low, high) for name, (_, low, high) in shares.items()],
            hovertemplate=f"{model}, %{{customdata[0]}}: %{{x:.1%}} (%{{customdata[1]:.1%}} to %{{customdata[2]:.1%}})"
            "<extra></extra>",
        )
    figure.update_yaxes(
        tickvals=list(range(len(measures))),
        ticktext=measures,
        range=[len(measures) - 0.5, -0.6],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    return with_legend_above(figure, 40 + len(measures) * pixels, legend=len(rows) > 1).update_xaxes(
        **PERCENT, nticks=8
    )


def confusion(report: Report, as_shares: bool) -> go.Figure:
    """Draw true labels against answers, with a column for faces that were not found if there are any."""
    counts, labels = np.array(report.confusion), list(report.recall)
    answers = [*labels, NO_FACE] if counts[:, -1].any() else labels
    return share_matrix(
        counts[:, : len(answers)],
        labels,
        answers,
        row_title="true label",
        column_title="answer",
        hover="%{y} answered %{x}",
        as_shares=as_shares,
    )


def class_bars(shares: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """Draw shares of each class.

    Args:
        shares: By name (a model or a measure) and by class.
    """
    hues = colours(list(shares))
    bars = [
        go.Bar(
            name=name,
            x=list(values),
            y=list(values.values()),
            marker={"color": hues[name], "cornerradius": 3},
            hovertemplate=f"%{{x}}, {name}: %{{y:.1%}}<extra></extra>",
        )
        for name, values in shares.items()
    ]
    figure = with_legend_above(go.Figure(bars), 300, legend=len(shares) > 1).update_layout(bargap=0.25)
    return figure.update_yaxes(**PERCENT, range=[0, 1])


def roc(curves: Mapping[str, Curve], hues: Mapping[str, str]) -> go.Figure:
    """Draw receiver operating characteristics, a line for each name; the legend gives the area below it."""
    return _lines(_diagonal("chance"), curves, hues, "false positive rate", "true positive rate")


def precision_recall(curves: Mapping[str, Curve], hues: Mapping[str, str]) -> go.Figure:
    """Draw precision over recall, a line for each name; the legend gives the average precision."""
    return _lines(go.Figure(), curves, hues, "recall", "precision")


def reliability(
    after: Sequence[tuple[float, float, int]], before: Sequence[tuple[float, float, int]] | None
) -> go.Figure:
    """Draw how often answers of a given confidence are right.

    Args:
        after: Mean confidence, share right and number of images of each bin, after temperature scaling.
        before: The same without temperature scaling, if known.
    """
    figure = _diagonal("as sure as right")
    if before is not None:
        _bins(figure, "before", before, {"color": "#D55E00", "dash": "dash"}, "diamond-open")
    _bins(figure, "after" if before is not None else "answers", after, {"color": "#3D7DCA"}, "circle")
    figure = with_legend_above(figure, 340, legend=True)
    figure.update_xaxes(**PERCENT, title="confidence", range=[0, 1.02], dtick=0.2)
    return figure.update_yaxes(**PERCENT, title="share right", range=[0, 1.02])


def coverage(reports: Mapping[str, Report]) -> go.Figure:
    """Draw the accuracy on the faces that still get an answer as the threshold for "unsure" rises.

    A star marks the threshold that each model uses.
    """
    figure, hues = go.Figure(), colours(list(reports))
    for model, report in reports.items():
        bars, shares, right = zip(*report.selective, strict=True)
        figure.add_scatter(
            name=model,
            x=shares,
            y=right,
            customdata=bars,
            mode="lines+markers",
            line={"color": hues[model], "width": 2},
            marker={"size": 5},
            hovertemplate=f"{model}, unsure below %{{customdata:.2f}}: answers %{{x:.0%}}, %{{y:.1%}} of them right"
            "<extra></extra>",
        )
        figure.add_scatter(
            x=[report.answered],
            y=[report.accuracy_answered],
            mode="markers",
            marker={"symbol": "star", "size": 16, "color": hues[model], "line": {"width": 1, "color": LINE}},
            hovertemplate=f"{model} now: answers %{{x:.0%}}, %{{y:.1%}} of them right<extra></extra>",
            showlegend=False,
        )
    figure = with_legend_above(figure, 360, legend=len(reports) > 1)
    figure.update_xaxes(**PERCENT, title="share of the faces that get an answer", range=[0, 1.02], dtick=0.2)
    return figure.update_yaxes(**PERCENT, title="share of these right")


def robustness(models: Sequence[Robustness], hues: Mapping[str, str], corruption: str | None) -> go.Figure:
    """Draw accuracy over the strength of a corruption, a line for each model.

    Args:
        models: Measured robustness; models that see no pixels get a dashed line.
        hues: Colour of each model.
        corruption: Name of the corruption; None for the mean over all of them.
    """
    figure = go.Figure()
    for number, one in enumerate(models):
        figure.add_scatter(
            name=one.model,
            x=list(range(STRENGTHS + 1)),
            y=[one.clean, *(one.mean_by_strength if corruption is None else one.accuracy[corruption])],
            mode="lines+markers",
            line={"color": hues[one.model], "width": 2, "dash": "solid" if one.sees == "pixels" else "dash"},
            marker={"size": 8, "symbol": MARKERS[number % len(MARKERS)]},
            hovertemplate=f"{one.model}, strength %{{x}}: %{{y:.1%}}<extra></extra>",
        )
    figure = with_legend_above(figure, 360, legend=True)
    figure.update_xaxes(title="strength", dtick=1, gridcolor=GRID, zeroline=False, fixedrange=True)
    return figure.update_yaxes(**PERCENT, title="accuracy", rangemode="tozero")


def _lines(figure: go.Figure, curves: Mapping[str, Curve], hues: Mapping[str, str], x: str, y: str) -> go.Figure:
    for name, curve in curves.items():
        figure.add_scatter(
            name=f"{name} {curve.area:.2f}",
            x=curve.x,
            y=curve.y,
            mode="lines",
            line={"color": hues[name], "width": 2},
            hovertemplate=f"{name}: {x} %{{x:.1%}}, {y} %{{y:.1%}}<extra></extra>",
        )
    figure = with_legend_above(figure, 380, legend=True)
    figure.update_xaxes(**PERCENT, title=x, range=[0, 1.01], dtick=0.2)
    return figure.update_yaxes(**PERCENT, title=y, range=[0, 1.02])


def _diagonal(name: str) -> go.Figure:
    line = {"dash": "dot", "color": LINE}
    return go.Figure(go.Scatter(name=name, x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip"))


def _bins(figure: go.Figure, name: str, bins: Sequence[tuple[float, float, int]], line: dict, symbol: str) -> None:
    confidence, right, images = zip(*bins, strict=True) if bins else ((), (), ())
    figure.add_scatter(
        name=name,
        x=confidence,
        y=right,
        customdata=images,
        mode="lines+markers",
        line=line,
        marker={"size": 8, "symbol": symbol},
        hovertemplate=f"{name}: %{{x:.0%}} sure, %{{y:.0%}} right of %{{customdata:,}} images<extra></extra>",
    )
