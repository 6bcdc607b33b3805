"""Charts as files: what they look like, and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training.tables import replacing

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
