"""Why this answer, and what other models say, as pictures and figures. No Streamlit here, as in charts.py."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import plotly.graph_objects as go

from core.explain import marked
from core.labels import LABEL_SETS
from core.readings import Reading

_ORANGE = (230, 121, 0)
_DENSITY = 0.7  # of the colour where it is densest: the face stays to be seen
_ROW_PIXELS = 62
_NAMED = 0.12  # of a bar: there is no room for the name in a smaller part


def enlarged(crop: np.ndarray, side: int = 240) -> np.ndarray:
    """The crop at a size to look at: uint8 RGB (side, side, 3)."""
    return cv2.resize(crop, (side, side), interpolation=cv2.INTER_CUBIC)


def side_by_side(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two RGB pictures of one height as one, RGBA, with a clear gap: columns would lie below one another on a phone."""
    left, right = (cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA) for picture in (left, right))
    return np.hstack([left, np.zeros((len(left), len(left) // 20, 4), np.uint8), right])


def saliency_picture(crop: np.ndarray, saliency: np.ndarray, side: int = 240) -> np.ndarray:
    """The face in grey, more orange the more hangs on a place, and a white line around what is marked.

    Args:
        crop: Uint8 RGB (48, 48, 3).
        saliency: Float32 (48, 48), 0 to 1, as `core.explain.explain` gives it.
        side: Of the picture, in pixels.

    Returns:
        Uint8 RGB (side, side, 3).
    """
    grey = cv2.cvtColor(cv2.cvtColor(enlarged(crop, side), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    cover = _DENSITY * np.clip(enlarged(saliency, side), 0, 1)[:, :, None]
    picture = (grey * (1 - cover) + cover * np.array(_ORANGE)).round().astype(np.uint8)
    region = cv2.GaussianBlur(enlarged(marked(saliency).astype(np.float32), side), (0, 0), side / 60) >= 0.5
    outlines, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(picture, outlines, -1, (255, 255, 255), max(1, side // 200), cv2.LINE_AA)


def answers(readings: Mapping[str, Reading]) -> go.Figure:
    """What each model says of one face: a bar each, parted by label, under the model's name and its answer.

    Args:
        readings: By name of the model, from the top.
    """
    figure = go.Figure()
    for model, reading in readings.items():
        label_set = LABEL_SETS[next(iter(reading.answers))]
        for label, value in reading.probabilities.items():
            figure.add_bar(
                x=[value],
                y=[model],
                orientation="h",
                marker={"color": label_set.colours[label], "line": {"width": 0}},
                text=label if value >= _NAMED else "",
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                insidetextfont={"color": "black"},
                hovertemplate=f"{label} %{{x:.0%}}<extra></extra>",
            )
        said = f"{'unsure, perhaps ' if reading.unsure else ''}{reading.label} {reading.confidence * 100:.0f} %"
        title = {"text": f"<b>{model}</b>  {said}", "font_size": 13, "showarrow": False}
        figure.add_annotation(x=0, y=model, xanchor="left", yshift=22, **title)
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", visible=False, fixedrange=True)
    return figure.update_layout(
        barmode="stack",
        height=_ROW_PIXELS * len(readings) + 16,
        margin={"l": 0, "r": 0, "t": 16, "b": 0},
        bargap=0.6,
        dragmode=False,
        showlegend=False,
        uniformtext={"mode": "hide", "minsize": 11},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
