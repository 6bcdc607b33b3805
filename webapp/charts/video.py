"""The timeline of a face in a clip. No Streamlit here, as in charts.py."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.labels import FER7
from core.output.draw import UNSURE_COLOUR

_MOST_POINTS = 600  # more than a screen has room for, few enough for a browser to draw at once
_CLEAR = "rgba(0,0,0,0)"
_LINE = "rgba(128,136,150,0.9)"


def timeline(table: pd.DataFrame, times_s: np.ndarray, moment_s: float | None = None) -> go.Figure:
    """One face over a clip: its label as a band of named pieces, and below it the seven probabilities, stacked.

    Args:
        table: The face's rows, in the order of time.
        times_s: Of every picture that was read.
        moment_s: Where to draw a line.
    """
    spacing = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.04
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.22, 0.78], vertical_spacing=0)
    for piece in _pieces(table, spacing):
        figure.add_trace(piece, row=1, col=1)
    for area in _areas(table, spacing):
        figure.add_trace(area, row=2, col=1)
    if moment_s is not None:
        figure.add_vline(moment_s, line={"width": 2, "color": _LINE})
    # One ground for both rows: theirs would overlap in a stripe.
    ground = {"type": "rect", "xref": "paper", "yref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "layer": "below"}
    figure.add_shape(**ground, fillcolor="rgba(128,136,150,0.1)", line={"width": 0})
    first, last = float(times_s[0]), float(times_s[-1]) + spacing
    figure.update_xaxes(range=[first, last], fixedrange=True, showgrid=False, zeroline=False)
    figure.update_xaxes(showticklabels=True, ticksuffix=" s", row=2, col=1)
    figure.update_yaxes(fixedrange=True, visible=False)
    figure.update_yaxes(range=[-0.5, 0.5], row=1, col=1)
    figure.update_yaxes(range=[0, 1], row=2, col=1)
    return figure.update_layout(
        height=170,
        margin={"l": 6, "r": 6, "t": 4, "b": 24},
        barmode="overlay",
        hovermode="closest",
        dragmode=False,
        showlegend=False,
        uniformtext={"mode": "hide", "minsize": 11},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
    )


def _pieces(table: pd.DataFrame, spacing: float) -> Iterator[go.Bar]:
    """A bar for each label, made of the stretches in which it was shown without a break."""
    breaks = (table["label"] != table["label"].shift()) | (table["time_s"].diff() > _gap(spacing))
    stretches = table.groupby(breaks.cumsum()).agg(
        label=("label", "first"), start=("time_s", "first"), end=("time_s", "last")
    )
    for label, found in stretches.groupby("label"):
        yield go.Bar(
            base=found["start"],
            x=found["end"] - found["start"] + spacing,
            y=[0] * len(found),
            width=0.7,
            orientation="h",
            # The thin line keeps the dark of "unsure" apart from a dark page.
            marker={"color": FER7.colours.get(label, UNSURE_COLOUR), "line": {"width": 1, "color": _LINE}},
            text=[label] * len(found),
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "black" if label in FER7.colours else "white"},
            customdata=found[["start", "end"]],
            hovertemplate=f"<b>{label}</b>, %{{customdata[0]:.1f}} to %{{customdata[1]:.1f}} s<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )


def _areas(table: pd.DataFrame, spacing: float) -> Iterator[go.Scatter]:
    points = _with_gaps(_thinned(table), spacing)
    for label in FER7.labels:
        yield go.Scatter(
            x=points["time_s"],
            y=points[label],
            stackgroup="expressions",
            # Only a trace with markers can be clicked; these are not seen.
            mode="lines+markers",
            marker={"size": 12, "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            line={"width": 0},
            fillcolor=FER7.colours[label],
            hovertemplate=f"<b>{label}</b> %{{y:.0%}} at %{{x:.1f}} s<extra></extra>",
        )


def _thinned(table: pd.DataFrame) -> pd.DataFrame:
    """The probabilities of at most `_MOST_POINTS` moments: where there are more, the means of neighbours."""
    kept = table[["time_s", *FER7.labels]].reset_index(drop=True)
    together = -(-len(kept) // _MOST_POINTS)
    if together == 1:
        return kept
    groups = kept.groupby(kept.index // together)
    return groups[list(FER7.labels)].mean().assign(time_s=groups["time_s"].first())


def _with_gaps(points: pd.DataFrame, spacing: float) -> pd.DataFrame:
    """Where a face was away, its areas fall to nothing instead of running on."""
    usual = max(float(points["time_s"].diff().median()) if len(points) > 1 else 0.0, spacing)
    steps = points["time_s"].diff().shift(-1)
    before = points[steps > _gap(usual)]["time_s"] + usual / 2
    after = points[points["time_s"].diff() > _gap(usual)]["time_s"] - usual / 2
    empty = pd.DataFrame({"time_s": pd.concat([before, after])}).assign(**dict.fromkeys(FER7.labels, 0.0))
    return pd.concat([points, empty]).sort_values("time_s")


def _gap(spacing: float) -> float:
    """How long a face may be out of view without a gap, in seconds."""
    return max(0.25, 3 * spacing)
