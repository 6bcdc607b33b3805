"""The rolling chart of a stream. No Streamlit here, as in charts.py."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.labels import FER7

CHART_S = 60.0


@dataclass(frozen=True)
class Sample:
    """The smoothed probabilities of the faces in view at one moment, by face number."""

    time_s: float
    faces: dict[int, dict[str, float]]


_GAP_S = 0.6
"""A face that was away for longer leaves a gap."""

_LAYOUT = {
    "xaxis": {
        "range": [-CHART_S, 0],
        "tickvals": [-60, -45, -30, -15, 0],
        "ticktext": ["60 s ago", "45", "30", "15", "now"],
        "ticklabeloverflow": "allow",
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    },
    "yaxis": {"range": [0, 1], "visible": False, "fixedrange": True},
    "height": 140,
    "margin": {"l": 26, "r": 16, "t": 4, "b": 22},
    "hovermode": "x",
    "dragmode": False,
    "showlegend": False,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(128,128,128,0.08)",
}


def last_minute(samples: Sequence[Sample], number: int) -> go.Figure:
    """The smoothed probabilities of one face, stacked, over the last sixty seconds.

    The ground is transparent; each area says its name, share and moment under the pointer.
    """
    now = samples[-1].time_s if samples else 0.0
    times, rows = _with_gaps([(round(s.time_s - now, 2), s.faces[number]) for s in samples if number in s.faces])
    areas = [
        {
            "type": "scatter",
            "name": label,
            "x": times,
            "y": [round(row.get(label, 0.0), 3) for row in rows],
            "stackgroup": "faces",
            "line": {"width": 0},
            "fillcolor": FER7.colours[label],
            "hovertemplate": "%{y:.0%} %{fullData.name}<extra></extra>",
        }
        for label in FER7.labels
    ]
    return go.Figure(areas, _LAYOUT)


def _with_gaps(points: list[tuple[float, dict]]) -> tuple[list[float], list[dict]]:
    """Where a face was away, its areas fall to nothing instead of running on."""
    filled: list[tuple[float, dict]] = []
    for time_s, row in points:
        if filled and time_s - filled[-1][0] > _GAP_S:
            filled += [(filled[-1][0], {}), (time_s, {})]
        filled.append((time_s, row))
    return [time_s for time_s, _ in filled], [row for _, row in filled]
