"""The robustness of models on one chart, a panel for each corruption."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.runtime.files import replacing
from training.evaluation.corruptions import STRENGTHS
from training.evaluation.robustness import Robustness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#882255", "#56B4E9", "#E69F00", "#332288")
"""From Okabe and Ito's and Paul Tol's palettes, told apart by colour-blind people on white."""

STYLE = {
    "axes.edgecolor": "#8A8F98",
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "white",  # a ground of its own: the page may be light or dark
    "font.size": 12,
    "grid.color": "#E3E5E8",
}
"""For `matplotlib.style.context`, on top of "default"."""


def save_svg(figure: Figure, path: Path) -> None:
    """Write a chart to an SVG file, whole or not at all; equal charts are equal files."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "mien"}), replacing(path) as partial:
        figure.savefig(partial, format="svg", metadata={"Date": None})


_COLUMNS = 4
"""Of panels, and of the legend's names."""

_MARKERS = "osD^vPX"  # one fewer than the colours, so that a pair of the two returns after 56 models only

_LINES = {"pixels": "solid", "mesh": "dashed", "both": "dashdot"}
_LEGEND = {"pixels": "solid: sees the pixels", "mesh": "dashed: sees the mesh", "both": "dash-dotted: sees both"}

_STYLE = STYLE | {
    "figure.labelsize": "medium",
    "font.size": 13,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
}


def save_chart(models: Sequence[Robustness], path: Path) -> None:
    """Draw the chart to an SVG file, whole or not at all.

    Args:
        models: At least one, all measured on the same pictures.
        path: The file.
    """
    save_svg(chart(models), path)


def chart(models: Sequence[Robustness]) -> Figure:
    """Accuracy over strength, a line for each model; arguments as of `save_chart`."""
    import matplotlib.style  # takes half a second
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    names = list(models[0].accuracy)
    rows = -(-len(names) // _COLUMNS)
    with matplotlib.style.context(["default", _STYLE]):
        figure = Figure(figsize=(12, 2.9 * rows + 1.5), layout="constrained")
        panels = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
        for panel, name in zip(panels, names, strict=False):
            panel.set_title(name.replace("_", " "), fontsize="medium", fontweight="bold")
            for number, one in enumerate(models):
                accuracy = [one.clean, *one.accuracy[name]]
                panel.plot(range(STRENGTHS + 1), accuracy, label=one.model, **_look(one, number))
        for panel in panels[len(names) :]:
            panel.remove()
        panels[0].set_xticks(range(STRENGTHS + 1))
        panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        figure.supxlabel("strength of the corruption")
        figure.supylabel("accuracy")
        figure.legend(
            handles=panels[0].lines,
            loc="outside upper center",
            ncols=_COLUMNS,
            frameon=False,
            title=_legend_title(models),
            handlelength=3.2,
        )
    return figure


def _look(one: Robustness, number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "linestyle": _LINES[one.sees],
    }


def _legend_title(models: Sequence[Robustness]) -> str:
    seen = {one.sees for one in models}
    return "; ".join(told for sees, told in _LEGEND.items() if sees in seen)
