"""How often models are right, and whether one is better than another."""

from itertools import combinations

import pandas as pd
import streamlit as st

from training.evaluation.analysis import Examination
from training.evaluation.compare import mcnemar
from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject

_BY_CHANCE = 0.05
_MEASURES = {"accuracy": "as it is", "accuracy_without_copies": "without copies", "balanced_accuracy": "balanced"}


def show(subject: Subject) -> None:
    """The three accuracies, the other figures, and the test of any two models."""
    shares = {model: _shares(one, subject.split) for model, one in subject.examined.items()}
    told = "; ".join(
        f"{model} {name} {value:.1%}" for model, each in shares.items() for name, (value, *_) in each.items()
    )
    st.plotly_chart(evaluation.accuracies(shares), config=theme.CONFIG, alt=f"Accuracy: {told}")
    st.caption(
        "Lines are 95 % intervals (bootstrap). **As it is**: the share of all images answered rightly, where a face "
        "that is not found counts as wrong. **Without copies**: without the images that also stand in Training. "
        "**Balanced**: the mean over the classes, so that rare ones count as much as common ones."
        + ("" if all(one.intervals for one in subject.examined.values()) else " A stored Report has one interval only.")
    )
    st.dataframe(pd.DataFrame([_row(model, one) for model, one in subject.examined.items()]), hide_index=True)
    if len(subject.examined) > 1:
        _tests(subject)


def _shares(one: Examination, split: str) -> dict[str, tuple[float, float, float]]:
    """Where no interval is stored, the point alone."""
    report = one.report
    intervals = {"accuracy": report.accuracy_interval, **one.intervals}
    return {
        title: (value := getattr(report, name), *intervals.get(name, (value, value)))
        for name, title in _MEASURES.items()
        if not (name == "accuracy_without_copies" and split == "training")
    }


def _row(model: str, one: Examination) -> dict[str, str]:
    report = one.report
    return {
        "Model": model,
        "Images": f"{report.n:,}",
        "Faces found": f"{report.coverage:.1%}",
        "Right where found": f"{report.accuracy_where_found:.1%}",
        "Macro-F1": f"{report.macro_f1:.1%}",
        "Log-likelihood": f"{-report.nll:.3f}",
        "Calibration error": f"{report.ece:.1%} ({report.ece_interval[0]:.1%} to {report.ece_interval[1]:.1%})",
    }


def _tests(subject: Subject) -> None:
    st.subheader("Is one better than the other?", anchor=False)
    rows = []
    for (a, one), (b, other) in combinations(subject.examined.items(), 2):
        if one.correct is None or other.correct is None:
            st.info("Which images were answered rightly is stored for the main labels only.", icon=":material/lock:")
            return
        only_a, only_b, p = mcnemar(one.correct, other.correct)
        better = a if only_a > only_b else b
        rows.append(
            {
                "Models": f"{a} and {b}",
                "Verdict": f"{better} is better" if p < _BY_CHANCE else "may be luck",
                "p": "< 0.0001" if p < 1e-4 else f"{p:.4f}",
                "Only the first right": only_a,
                "Only the second right": only_b,
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "McNemar's paired test on the same images (exact, two-sided): p is how likely so uneven a split would be if "
        f"both were equally good. Below {_BY_CHANCE} it is hardly luck; with many pairs some fall below it by luck."
    )
