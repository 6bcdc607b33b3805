"""Figures of how training runs learn, epoch by epoch."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from webapp.charts.theme import GRID, MARKERS, PERCENT, colours, with_legend_above

Curves = Mapping[str, Sequence[Mapping[str, float]]]
"""By run name: a row for each epoch, with the measures taken after it."""

_HEIGHT = 290


def losses(runs: Curves, chosen_on: str) -> go.Figure:
    """Draw the loss over the epochs: solid on the images that the best epoch is chosen on, dotted on those of training.

    Args:
        runs: The runs.
        chosen_on: Name of the images on which the best epoch is chosen.
    """
    figure, hues = go.Figure(), colours(list(runs))
    for number, (run, rows) in enumerate(runs.items()):
        prefix = f"{run}, " if len(runs) > 1 else ""
        _line(figure, f"{prefix}{chosen_on}", rows, "val_loss", hues[run], MARKERS[number % len(MARKERS)])
        _line(figure, f"{prefix}training", rows, "loss", hues[run], None)
    return _over_epochs(figure, legend=True).update_yaxes(title="loss", gridcolor=GRID, zeroline=False, fixedrange=True)


def accuracies(runs: Curves, chosen_on: str) -> go.Figure:
    """Draw the accuracy over the epochs on what the best one, a star, is chosen on; see `losses`."""
    figure, hues = go.Figure(), colours(list(runs))
    for number, (run, rows) in enumerate(runs.items()):
        _line(figure, run, rows, "val_accuracy", hues[run], MARKERS[number % len(MARKERS)])
        if known := [row for row in rows if "val_accuracy" in row]:
            best = max(known, key=lambda row: (row["val_accuracy"], row["epoch"]))
            figure.add_scatter(
                x=[best["epoch"]],
                y=[best["val_accuracy"]],
                mode="markers+text",
                marker={"symbol": "star", "size": 15, "color": hues[run]},
                text=[f"{best['val_accuracy']:.1%}"],
                textposition="top center",
                cliponaxis=False,
                hoverinfo="skip",
                showlegend=False,
            )
    figure = _over_epochs(figure, legend=len(runs) > 1)
    return figure.update_yaxes(**PERCENT, range=[0, 1], title=f"right on {chosen_on}")


def _line(figure: go.Figure, name: str, rows, measure: str, colour: str, symbol: str | None) -> None:
    known = [row for row in rows if measure in row]
    if not known:
        return
    figure.add_scatter(
        name=name,
        x=[row["epoch"] for row in known],
        y=[row[measure] for row in known],
        mode="lines+markers" if symbol or len(known) == 1 else "lines",
        line={"color": colour, "width": 2, "dash": "solid" if symbol else "dot"},
        marker={"size": 6, "symbol": symbol or "circle-open"},
        hovertemplate=f"{name}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
    )


def _over_epochs(figure: go.Figure, legend: bool) -> go.Figure:
    figure = with_legend_above(figure, _HEIGHT, legend)
    # The same size with and without a legend, for two figures stand side by side.
    figure.update_layout(height=_HEIGHT, margin={"l": 0, "r": 12, "t": 30, "b": 0})
    last = max((max(line.x) for line in figure.data), default=1)
    step = {"dtick": 1} if last <= 10 else {"nticks": 10}
    return figure.update_xaxes(title="epoch", showgrid=False, zeroline=False, fixedrange=True, **step)
