"""What the page of results says of robustness, all of it told by the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training import text_tables
from training.evaluation.robustness import Robustness

FAMILIES = {
    "light": ("brightness", "contrast"),
    "noise": ("gaussian_noise",),
    "rotation": ("rotation",),
    "scale": ("scale",),
}
"""Of the corruptions that mesh models are said not to care about."""

HELD = 0.95
"""Share of its clean accuracy from which a model is said not to care."""

_ALIKE = 0.02
"""Shares that differ by less are called the same: some hundred images tell no finer."""

_NAMES = {"mesh": "mesh models", "pixels": "pixel models", "both": "models of both"}


def section(models: Sequence[Robustness], chart: str) -> list[str]:
    """Paragraphs in Markdown.

    Args:
        models: At least one, all measured on the same pictures.
        chart: Address of their chart.
    """
    one = models[0]
    parts = [
        "## When the picture gets worse",
        f"Accuracy on {one.n} images of {one.split} that do not stand in Training, as they are (strength 0) and "
        "corrupted in five strengths, the same pictures for every model. A face that is not found counts as an error. "
        "Made by `python -m training robustness`; the figures are in [robustness/](robustness/).",
        f"![Accuracy of {', '.join(each.model for each in models)} over the strength of each corruption]({chart})",
        "The mean over the five strengths, in per cent:",
        _means_table(models),
    ]
    if {"mesh", "pixels"} <= {each.sees for each in models}:
        parts += _claim(models)
    return parts


def kept(one: Robustness, family: str) -> float:
    """The share of its clean accuracy that a model keeps: the mean over the strengths of a family's corruptions."""
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
        family: {sees: float(np.mean([kept(one, family) for one in group])) for sees, group in groups.items()}
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
        "So it is often claimed. Below stands the share of its accuracy on clean images that a model keeps: the mean "
        "over the five strengths and over the models, with the lowest and the highest model in brackets. The claim "
        f"counts as held where mesh models keep at least {HELD:.0%}.",
        text_tables.markdown(header, rows),
        _verdict(means),
    ]


def _share(group: Sequence[Robustness], family: str) -> str:
    shares = [kept(one, family) for one in group]
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
