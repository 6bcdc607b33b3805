"""Curves: ROC, precision and recall, reliability, and accuracy against the share of answers."""

import streamlit as st

from core.labels import FERPLUS8
from training.evaluation.analysis import Analysis
from training.evaluation.curves import Curves
from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject, withheld
from webapp.ui.shared.messages import escaped

_CELL_WIDTH = 400


def show(subject: Subject) -> None:
    """Show ROC and precision-recall curves, of all classes of one model or of one class of all models."""
    curves = {model: one.curves for model, one in subject.analyses.items() if one.curves}
    if not curves:
        withheld("Curves", subject)
        return
    lines, hues = _chosen(curves)
    with st.grid(min_column_width=_CELL_WIDTH):
        with st.container():
            st.markdown("**ROC** · area under the curve")
            st.plotly_chart(evaluation.roc(lines["roc"], hues), config=theme.CONFIG, alt="ROC curves")
            st.caption(
                "One class against all others: the share of its images that is found, against the share of others that "
                "is mistaken for it. 1 is perfect, 0.5 is chance."
            )
        with st.container():
            st.markdown("**Precision and recall** · average precision")
            st.plotly_chart(
                evaluation.precision_recall(lines["precision_recall"], hues),
                config=theme.CONFIG,
                alt="Precision-recall curves",
            )
            st.caption(
                "How often the answer is right as more of the class's images are found; rare classes show it best."
            )


def _chosen(curves: dict[str, Curves]) -> tuple[dict, dict[str, str]]:
    """The lines to draw by kind of curve, and a colour for each line's name."""
    kinds = ("roc", "precision_recall")
    models = {f"All classes of {model}": model for model in curves}
    labels = list(next(iter(curves.values())).roc)
    options = [*models, *(labels if len(curves) > 1 else ())]
    choice = (
        st.selectbox("Lines", options, label_visibility="collapsed", key="evaluation_lines", persist_state="session")
        if len(options) > 1
        else options[0]
    )
    if choice in models:
        return {kind: getattr(curves[models[choice]], kind) for kind in kinds}, FERPLUS8.colours
    by_model = {kind: {model: getattr(each, kind)[choice] for model, each in curves.items()} for kind in kinds}
    return by_model, theme.colours(list(curves))


_NARROW_CELL_WIDTH = 360


def show_confidence(subject: Subject) -> None:
    """Show reliability diagrams, and accuracy over the threshold below which a model is unsure."""
    st.header("Is its confidence justified?", anchor=False)
    with st.grid(min_column_width=_NARROW_CELL_WIDTH):
        for model, one in subject.analyses.items():
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
        f"less sure. One number, the temperature, chosen on {subject.title('public-test')}, corrects most of that "
        "(Guo et al. 2017)."
        + ("" if all(one.curves for one in subject.analyses.values()) else " Reports hold no curve without it.")
    )
    st.header("What is gained by saying “unsure”?", anchor=False)
    reports = {model: one.report for model, one in subject.analyses.items()}
    st.plotly_chart(evaluation.coverage(reports), config=theme.CONFIG, alt="Accuracy over coverage")
    st.caption(
        "The higher the threshold below which a model says “unsure”, the fewer faces get an answer, and the more "
        "often it is right. The star marks the threshold in use: "
        + "; ".join(
            f"{escaped(model)}, unsure below {report.unsure_below:.2f}, answers {report.answered:.0%} of the faces and "
            f"is right on {report.accuracy_answered:.1%} of them"
            for model, report in reports.items()
        )
        + "."
    )


def _error(one: Analysis) -> str:
    after = f"{one.report.ece:.1%}"
    if one.curves is None:
        return f"calibration error {after}"
    return f"calibration error {one.curves.ece_before:.1%} → {after} with temperature {one.curves.temperature:.2f}"
