"""Figures of models over thresholds and strengths. No Streamlit here, as in charts.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from training.evaluation.corruptions import STRENGTHS
from training.evaluation.curves import Curve
from training.evaluation.report import Report
from training.evaluation.robustness import Robustness
from webapp.charts_evaluation import GRID, MARKERS, PERCENT, colours, plain

_LINE = "rgba(128,136,150,0.9)"


def roc(curves: Mapping[str, Curve], hues: Mapping[str, str]) -> go.Figure:
    """Receiver operating characteristics, a line for each name; the legend tells the area below it."""
    return _lines(_diagonal("chance"), curves, hues, "false positive rate", "true positive rate")


def precision_recall(curves: Mapping[str, Curve], hues: Mapping[str, str]) -> go.Figure:
    """Precision over recall, a line for each name; the legend tells the average precision."""
    return _lines(go.Figure(), curves, hues, "recall", "precision")


def reliability(
    after: Sequence[tuple[float, float, int]], before: Sequence[tuple[float, float, int]] | None
) -> go.Figure:
    """How often answers of a confidence are right, after temperature scaling and, where known, before it."""
    figure = _diagonal("as sure as right")
    if before is not None:
        _bins(figure, "before", before, {"color": "#D55E00", "dash": "dash"}, "diamond-open")
    _bins(figure, "after" if before is not None else "answers", after, {"color": "#3D7DCA"}, "circle")
    figure = plain(figure, 340, legend=True)
    figure.update_xaxes(**PERCENT, title="confidence", range=[0, 1.02], dtick=0.2)
    return figure.update_yaxes(**PERCENT, title="share right", range=[0, 1.02])


def coverage(reports: Mapping[str, Report]) -> go.Figure:
    """What is right of the answers that are left when a model may be unsure; a star where each model stands now."""
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
            marker={"symbol": "star", "size": 16, "color": hues[model], "line": {"width": 1, "color": _LINE}},
            hovertemplate=f"{model} now: answers %{{x:.0%}}, %{{y:.1%}} of them right<extra></extra>",
            showlegend=False,
        )
    figure = plain(figure, 360, legend=len(reports) > 1)
    figure.update_xaxes(**PERCENT, title="share of the faces that get an answer", range=[0, 1.02], dtick=0.2)
    return figure.update_yaxes(**PERCENT, title="share of these right")


def robustness(models: Sequence[Robustness], hues: Mapping[str, str], corruption: str | None) -> go.Figure:
    """Accuracy over the strength of a corruption, or of all of them in the mean where None; a line for each model."""
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
    figure = plain(figure, 360, legend=True)
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
    figure = plain(figure, 380, legend=True)
    figure.update_xaxes(**PERCENT, title=x, range=[0, 1.01], dtick=0.2)
    return figure.update_yaxes(**PERCENT, title=y, range=[0, 1.02])


def _diagonal(name: str) -> go.Figure:
    line = {"dash": "dot", "color": _LINE}
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
