"""What models answer about one face: probabilities as bars, several models side by side, and a saliency map."""

from collections.abc import Mapping

import cv2
import numpy as np
import plotly.graph_objects as go

from core.explain import marked
from core.labels import LABEL_SETS
from core.readings import Reading
from webapp.charts.theme import fixed

_BAR_PIXELS = 26
_MODEL_PIXELS = 62
_SMALLEST_NAMED = 0.12  # smaller parts of a bar have no room for a name

_ORANGE = (230, 121, 0)
_OPACITY = 0.7  # where the saliency is highest; the face stays visible below


def probability_bars(reading: Reading) -> go.Figure:
    """Draw each label's probability as a bar, in the label set's order from the top.

    Names and percentages tell the bars apart as well as colours do.
    """
    label_set = LABEL_SETS[next(iter(reading.answers))]
    values = [reading.probabilities[label] for label in label_set.labels]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[f"<b>{label}</b>" if label == reading.label else label for label in label_set.labels],
            orientation="h",
            marker={"color": [label_set.colours[label] for label in label_set.labels], "cornerradius": 3},
            text=[f"{value:.0%}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    # The axis ends beyond 1 to leave room for "100%" at the end of the longest bar.
    figure.update_xaxes(range=[0, 1.18], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False, automargin=True, ticklabelstandoff=6)
    return fixed(figure, _BAR_PIXELS * len(values), margin={"l": 0, "r": 0, "t": 0, "b": 0}, bargap=0.3)


def model_bars(readings: Mapping[str, Reading]) -> go.Figure:
    """Draw what each model answers about one face: a bar divided by label, below the model's name and answer.

    Args:
        readings: The readings of the face by model name, from the top.
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
                text=label if value >= _SMALLEST_NAMED else "",
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                insidetextfont={"color": "black"},
                hovertemplate=f"{label} %{{x:.0%}}<extra></extra>",
            )
        title = {"text": f"<b>{model}</b>  {reading.answer.words}", "font_size": 13, "showarrow": False}
        figure.add_annotation(x=0, y=model, xanchor="left", yshift=22, **title)
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", visible=False, fixedrange=True)
    return fixed(
        figure,
        _MODEL_PIXELS * len(readings) + 16,
        margin={"l": 0, "r": 0, "t": 16, "b": 0},
        barmode="stack",
        bargap=0.6,
        uniformtext={"mode": "hide", "minsize": 11},
    )


def enlarged(crop: np.ndarray, side: int = 240) -> np.ndarray:
    """Enlarge a square crop to (side, side) pixels; its type and channels stay."""
    return cv2.resize(crop, (side, side), interpolation=cv2.INTER_CUBIC)


def explanation(crop: np.ndarray, saliency: np.ndarray) -> np.ndarray:
    """Put a crop and its saliency picture side by side, in one picture that a narrow screen cannot break in two.

    Args:
        crop: uint8 RGB (48, 48, 3).
        saliency: float32 (48, 48), 0 to 1, as `core.explain.explain` returns it.

    Returns:
        uint8 RGBA, 240 pixels high, with a transparent gap.
    """
    left, right = (
        cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA) for picture in (enlarged(crop), saliency_picture(crop, saliency))
    )
    return np.hstack([left, np.zeros((len(left), len(left) // 20, 4), np.uint8), right])


def saliency_picture(crop: np.ndarray, saliency: np.ndarray, side: int = 240) -> np.ndarray:
    """Draw the face in grey, orange where much depends on it, with a white line around the marked fifth.

    Args:
        crop: uint8 RGB (48, 48, 3).
        saliency: float32 (48, 48), 0 to 1, as `core.explain.explain` returns it.
        side: Side length of the result, in pixels.

    Returns:
        uint8 RGB (side, side, 3).
    """
    grey = cv2.cvtColor(cv2.cvtColor(enlarged(crop, side), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    cover = _OPACITY * np.clip(enlarged(saliency, side), 0, 1)[:, :, None]
    picture = (grey * (1 - cover) + cover * np.array(_ORANGE)).round().astype(np.uint8)
    region = cv2.GaussianBlur(enlarged(marked(saliency).astype(np.float32), side), (0, 0), side / 60) >= 0.5
    outlines, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(picture, outlines, -1, (255, 255, 255), max(1, side // 200), cv2.LINE_AA)
