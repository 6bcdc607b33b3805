"""Robustness for readers: a section of the page of results, and its chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.runtime.files import replacing
from training import text_tables
from training.evaluation.corruptions import STRENGTHS
from training.evaluation.robustness import Robustness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAMILIES = {
    "light": ("brightness", "contrast"),
    "noise": ("gaussian_noise",),
    "rotation": ("rotation",),
    "scale": ("scale",),
}
"""Groups of corruptions that are often claimed not to affect mesh models."""

HELD = 0.95
"""Share of its clean accuracy that a model must keep to count as not affected."""

_ALIKE = 0.02
"""Difference below which two shares are called the same: some hundred images do not allow finer statements."""

_NAMES = {"mesh": "mesh models", "pixels": "pixel models", "both": "models of both"}


def section(models: Sequence[Robustness], chart_file: str) -> list[str]:
    """Write the section of the page of results, as paragraphs in Markdown.

    Args:
        models: At least one model, all measured on the same pictures.
        chart_file: Name of the file of the chart, beside the page.
    """
    one = models[0]
    parts = [
        "## When the picture gets worse",
        f"Accuracy on {one.n} images of {one.split} that are not in Training too, as they are (strength 0) and "
        "corrupted in five strengths, the same pictures for every model. A face that is not found counts as an error. "
        "Made by `python -m training robustness`; the figures are in [robustness/](robustness/).",
        f"![Accuracy of {', '.join(each.model for each in models)} over the strength of each corruption]({chart_file})",
        "The mean over the five strengths, in per cent:",
        _means_table(models),
    ]
    if {"mesh", "pixels"} <= {each.sees for each in models}:
        parts += _claim(models)
    return parts


def share_kept(one: Robustness, family: str) -> float:
    """Share of its clean accuracy that a model keeps: the mean over the strengths of a family's corruptions."""
    return float(np.mean([one.accuracy[name] for name in FAMILIES[family]])) / one.clean


def _means_table(models: Sequence[Robustness]) -> str:
    names = list(models[0].accuracy)
    rows = [
        [
            one.model,
            *(f"{100 * value:.1f}" for value in (one.clean, one.mean)),
            *(f"{100 * np.mean(one.accuracy[name]):.1f}" for name in names),
            f"{100 * np.mean(list(one.coverage.values())):.1f}",
        ]
        for one in models
    ]
    header = ["model", "clean", "all", *(name.replace("_", " ") for name in names), "faces found"]
    return text_tables.markdown(header, rows)


def _claim(models: Sequence[Robustness]) -> list[str]:
    groups = {sees: found for sees in _NAMES if (found := [one for one in models if one.sees == sees])}
    means = {
        family: {sees: float(np.mean([share_kept(one, family) for one in group])) for sees, group in groups.items()}
        for family in FAMILIES
    }
    rows = [
        [
            f"{family}: {', '.join(name.replace('_', ' ') for name in names)}",
            *(_share(group, family) for group in groups.values()),
            f"{np.mean([one.coverage[name] for one in groups['mesh'] for name in names]):.1%}",
            "held" if means[family]["mesh"] >= HELD else "did not hold",
        ]
        for family, names in FAMILIES.items()
    ]
    header = ["", *(_NAMES[sees] for sees in groups), "faces that mesh models find", "the claim"]
    return [
        "### Do mesh models not care about light, noise, rotation and scale?",
        "It is often claimed. The table gives the share of its accuracy on clean images that a model keeps: the mean "
        "over the five strengths and over the models, with the lowest and the highest model in brackets. The claim "
        f"counts as held where mesh models keep at least {HELD:.0%}.",
        text_tables.markdown(header, rows),
        _verdict(means),
    ]


def _share(group: Sequence[Robustness], family: str) -> str:
    shares = [share_kept(one, family) for one in group]
    spread = f" ({min(shares):.1%} to {max(shares):.1%})" if len(shares) > 1 else ""
    return f"{np.mean(shares):.1%}{spread}"


def _verdict(means: Mapping[str, Mapping[str, float]]) -> str:
    held = [family for family, share in means.items() if share["mesh"] >= HELD]
    failed = [family for family in means if family not in held]
    gains = {family: share["mesh"] - share["pixels"] for family, share in means.items()}
    more = [family for family, gain in gains.items() if gain >= _ALIKE]
    less = [family for family, gain in gains.items() if gain <= -_ALIKE]
    alike = [family for family in gains if family not in more + less]
    compared = {"a larger share under": more, "a smaller share under": less, "the same share under": alike}
    return " ".join(
        [
            _sentence("The claim", {"held for": held, "did not hold for": failed}),
            _sentence("Compared with pixel models, mesh models keep", compared),
        ]
    )


def _sentence(subject: str, families: Mapping[str, Sequence[str]]) -> str:
    clauses = [f"{what} {_listed(names)}" for what, names in families.items() if names]
    return f"{subject} {'; '.join(clauses)}."


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#882255", "#56B4E9", "#E69F00", "#332288")
"""Colours from Okabe and Ito's and Paul Tol's palettes, which colour-blind people can tell apart on white."""

STYLE = {
    "axes.edgecolor": "#8A8F98",
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "white",  # the page around the chart may be light or dark
    "font.size": 12,
    "grid.color": "#E3E5E8",
}
"""Style of all charts, for `matplotlib.style.context` on top of "default"."""


def save_svg(figure: Figure, path: Path) -> None:
    """Write a chart to an SVG file, whole or not at all; equal charts are equal files."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "mien"}), replacing(path) as partial:
        figure.savefig(partial, format="svg", metadata={"Date": None})


_COLUMNS = 4  # of panels, and of names in the legend

_MARKERS = "osD^vPX"  # one fewer than the colours, so that the first pair of both comes again after 56 models

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
        models: At least one model, all measured on the same pictures.
        path: The file to write.
    """
    save_svg(chart(models), path)


def chart(models: Sequence[Robustness]) -> Figure:
    """Draw accuracy over strength, a panel for each corruption and a line for each model; see `save_chart`."""
    import matplotlib.style  # here, because it takes half a second
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
                panel.plot(range(STRENGTHS + 1), accuracy, label=one.model, **_line(one, number))
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


def _line(one: Robustness, number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "linestyle": _LINES[one.sees],
    }


def _legend_title(models: Sequence[Robustness]) -> str:
    seen = {one.sees for one in models}
    return "; ".join(told for sees, told in _LEGEND.items() if sees in seen)
