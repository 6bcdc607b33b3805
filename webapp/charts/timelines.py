"""One face over time: the last minute of a live stream, and the timeline of a clip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.labels import FER7
from core.output.draw import UNSURE_COLOUR
from webapp.charts.theme import LINE, fixed

CHART_S = 60.0
"""Length of a live chart, in seconds."""

_LIVE_GAP_S = 0.6  # a face that was out of view for longer leaves a gap
_LIVE_POINTS = 150  # as many as a small chart can show


@dataclass(frozen=True)
class Sample:
    """The smoothed probabilities of the faces in view at one moment, by face number and label."""

    time_s: float
    faces: dict[int, dict[str, float]]


def last_minute(samples: Sequence[Sample], number: int) -> str:
    """Draw the smoothed probabilities of one face over the last sixty seconds, stacked.

    Args:
        samples: The samples of the stream, oldest first; "now" is the time of the last one.
        number: Number of the face.

    Returns:
        An SVG element without a size of its own, 600 units wide, ten for each second, and 100 high.
    """
    now = samples[-1].time_s if samples else 0.0
    every = max(1, -(-len(samples) // _LIVE_POINTS))
    times, rows = _falling([(s.time_s - now, s.faces.get(number)) for s in samples[::-every][::-1]])
    edge = np.cumsum([[row.get(label, 0.0) for label in FER7.labels] for row in rows], axis=1) if rows else []
    x = [round(10 * (CHART_S + time_s)) for time_s in times]
    areas = []
    # From the whole stack down to the first label, so that each area covers the lower part of the one before.
    for index, label in reversed(list(enumerate(FER7.labels)) if rows else []):
        points = " ".join(f"{at},{100 - 100 * y:.0f}" for at, y in zip(x, edge[:, index], strict=True))
        fill = FER7.colours[label]
        areas.append(
            f'<polygon fill="{fill}" points="{x[0]},100 {points} {x[-1]},100"><title>{label}</title></polygon>'
        )
    words = f"Expressions of face {number} over the last minute"
    return (
        f'<svg viewBox="0 0 600 100" preserveAspectRatio="none" role="img" aria-label="{words}">{"".join(areas)}</svg>'
    )


def _falling(points: list[tuple[float, dict | None]]) -> tuple[list[float], list[dict]]:
    """Times and rows, with empty rows where the face was out of view (None), so that the areas fall to zero there.

    Two pictures that are far apart leave no gap: a slow machine reads few.
    """
    filled: list[tuple[float, dict]] = []
    was_away = False
    for time_s, row in points:
        if row is None:
            was_away = True
            continue
        if filled and was_away and time_s - filled[-1][0] > _LIVE_GAP_S:
            filled += [(filled[-1][0], {}), (time_s, {})]
        filled.append((time_s, row))
        was_away = False
    return [time_s for time_s, _ in filled], [row for _, row in filled]


_MOST_POINTS = 600  # more than a screen can show, few enough for a browser to draw at once


def span(times_s: np.ndarray) -> tuple[float, float]:
    """The time that a clip's pictures were on the screen, first and last moment in seconds.

    Args:
        times_s: float (N,): times of all pictures that were read, in seconds.
    """
    usual = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.04
    return float(times_s[0]), float(times_s[-1]) + usual


def clip_timeline(table: pd.DataFrame, times_s: np.ndarray) -> go.Figure:
    """Draw one face over a clip: its labels as a band, and below it the seven probabilities, stacked.

    Args:
        table: The face's rows in the order of time, with the columns of `core.output.table`.
        times_s: float (N,): times of all pictures that were read, in seconds. Where one of them has no row for the
            face there is a gap, and nowhere else: pictures that are far apart leave none.
    """
    first, last = span(times_s)
    ends = np.append(times_s[1:], last)
    places = np.searchsorted((times_s[1:] + times_s[:-1]) / 2, table["time_s"].to_numpy())
    seen = table.reset_index(drop=True).assign(
        since=times_s[np.maximum(places - 1, 0)],
        until=ends[places],
        view=np.cumsum(np.diff(places, prepend=places[:1]) > 1),  # number of the stretch without a picture missed
    )
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.22, 0.78], vertical_spacing=0)
    for piece in _pieces(seen):
        figure.add_trace(piece, row=1, col=1)
    for area in _areas(seen):
        figure.add_trace(area, row=2, col=1)
    # One background for both rows: their own ones would overlap in a stripe.
    everywhere = {"xref": "paper", "yref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "layer": "below"}
    figure.add_shape(type="rect", **everywhere, fillcolor="rgba(128,136,150,0.1)", line={"width": 0})
    figure.update_xaxes(range=[first, last], fixedrange=True, showgrid=False, zeroline=False)
    figure.update_xaxes(showticklabels=True, ticksuffix=" s", row=2, col=1)
    figure.update_yaxes(fixedrange=True, visible=False)
    figure.update_yaxes(range=[-0.5, 0.5], row=1, col=1)
    figure.update_yaxes(range=[0, 1], row=2, col=1)
    return fixed(
        figure,
        140,
        margin={"l": 6, "r": 6, "t": 4, "b": 24},
        barmode="overlay",
        hovermode="closest",
        uniformtext={"mode": "hide", "minsize": 11},
    )


def _pieces(seen: pd.DataFrame) -> Iterator[go.Bar]:
    """A bar for each label, over the stretches of time in which it was shown without a break."""
    breaks = (seen["label"] != seen["label"].shift()) | (seen["view"] != seen["view"].shift())
    stretches = seen.groupby(breaks.cumsum()).agg(
        label=("label", "first"), start=("time_s", "first"), end=("until", "last")
    )
    for label, found in stretches.groupby("label"):
        yield go.Bar(
            base=found["start"],
            x=found["end"] - found["start"],
            y=[0] * len(found),
            width=0.7,
            orientation="h",
            # Without the thin line, the dark colour of "unsure" could not be seen on a dark page.
            marker={"color": FER7.colours.get(label, UNSURE_COLOUR), "line": {"width": 1, "color": LINE}},
            text=[label] * len(found),
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "black" if label in FER7.colours else "white"},
            customdata=found[["start", "end"]],
            hovertemplate=f"<b>{label}</b>, %{{customdata[0]:.1f}} to %{{customdata[1]:.1f}} s<extra></extra>",
        )


def _areas(seen: pd.DataFrame) -> Iterator[go.Scatter]:
    points = _with_gaps(seen)
    for label in FER7.labels:
        yield go.Scatter(
            x=points["time_s"],
            y=points[label],
            stackgroup="expressions",
            line={"width": 0},
            fillcolor=FER7.colours[label],
            hovertemplate=f"<b>{label}</b> %{{y:.0%}} at %{{x:.1f}} s<extra></extra>",
        )


def _with_gaps(seen: pd.DataFrame) -> pd.DataFrame:
    """The probabilities at no more than about `_MOST_POINTS` moments, with zeros where the face was out of view.

    Where there are more moments, neighbours are averaged.
    """
    together = -(-len(seen) // _MOST_POINTS)
    places = seen.groupby("view").cumcount() // together
    points = seen.groupby([seen["view"], places])[list(FER7.labels)].mean()
    points["time_s"] = seen.groupby([seen["view"], places])["time_s"].first()
    views = seen.groupby("view").agg(since=("since", "first"), until=("until", "last"))
    edges = np.concatenate([views["until"].iloc[:-1], views["since"].iloc[1:]])
    empty = pd.DataFrame({"time_s": edges}).assign(**dict.fromkeys(FER7.labels, 0.0))
    return pd.concat([points, empty]).sort_values("time_s")
