"""ROC and precision-recall curves: all classes of one model, or one class of all models."""

import streamlit as st

from core.labels import FERPLUS8
from training.evaluation.analysis import Examination
from training.evaluation.curves import Curves
from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject, withheld
from webapp.ui.shared.messages import escaped

_CELL_WIDTH = 400


def show(subject: Subject) -> None:
    """Both kinds side by side."""
    curves = {model: one.curves for model, one in subject.examined.items() if one.curves}
    if not curves:
        withheld("Curves")
        return
    lines, hues = _chosen(curves)
    with st.grid(min_column_width=_CELL_WIDTH):
        with st.container():
            st.markdown("**ROC** · area under the curve")
            st.plotly_chart(evaluation.roc(lines["roc"], hues), config=theme.CONFIG, alt="ROC curves")
            st.caption(
                "One class against all others: how many of its images are caught, against how many others are taken "
                "for it. 1 is perfect, 0.5 is chance."
            )
        with st.container():
            st.markdown("**Precision and recall** · average precision")
            st.plotly_chart(
                evaluation.precision_recall(lines["precision_recall"], hues),
                config=theme.CONFIG,
                alt="Precision-recall curves",
            )
            st.caption(
                "How right the answer stays as more of the class's images are caught; rare classes show it best."
            )


def _chosen(curves: dict[str, Curves]) -> tuple[dict, dict[str, str]]:
    """By kind, the lines to draw; and a colour for each of their names."""
    kinds = ("roc", "precision_recall")
    models = {f"All classes of {model}": model for model in curves}
    labels = list(next(iter(curves.values())).roc)
    options = [*models, *(labels if len(curves) > 1 else ())]
    choice = st.selectbox("Lines", options, label_visibility="collapsed") if len(options) > 1 else options[0]
    if choice in models:
        return {kind: getattr(curves[models[choice]], kind) for kind in kinds}, FERPLUS8.colours
    by_model = {kind: {model: getattr(each, kind)[choice] for model, each in curves.items()} for kind in kinds}
    return by_model, theme.colours(list(curves))


_NARROW_CELL_WIDTH = 360


def show_confidence(subject: Subject) -> None:
    """The reliability diagrams, and the curve of the threshold below which a model is unsure."""
    st.subheader("Is it as sure as it is right?", anchor=False)
    with st.grid(min_column_width=_NARROW_CELL_WIDTH):
        for model, one in subject.examined.items():
            with st.container():
                st.markdown(f"**{escaped(model)}** · {_error(one)}")
                st.plotly_chart(
                    evaluation.reliability(one.report.reliability, one.curves and one.curves.reliability_before),
                    config=theme.CONFIG,
                    key=f"reliability-{model}",
                    alt=f"Reliability diagram of {model}",
                )
    st.caption(
        "Each point is a fifteenth of the images. Below the dotted line a model is surer than it should be, above it "
        "less sure. One number, the temperature, chosen on PublicTest, makes up for most of that (Guo et al. 2017)."
        + ("" if all(one.curves for one in subject.examined.values()) else " No Report stores the curve before it.")
    )
    st.subheader("What is being unsure worth?", anchor=False)
    reports = {model: one.report for model, one in subject.examined.items()}
    st.plotly_chart(evaluation.coverage(reports), config=theme.CONFIG, alt="Accuracy over coverage")
    st.caption(
        "The higher the bar below which a model says “unsure”, the fewer faces get an answer, and the more often it "
        "is right. The star is where it stands now: "
        + "; ".join(
            f"{escaped(model)}, unsure below {report.unsure_below:.2f}, answers {report.answered:.0%} of the faces and "
            f"is right on {report.accuracy_answered:.1%} of these"
            for model, report in reports.items()
        )
        + "."
    )


def _error(one: Examination) -> str:
    after = f"{one.report.ece:.1%}"
    if one.curves is None:
        return f"calibration error {after}"
    return f"calibration error {one.curves.ece_before:.1%} → {after} with temperature {one.curves.temperature:.2f}"
