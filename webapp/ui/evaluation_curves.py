"""ROC and precision-recall curves: all classes of one model, or one class of all models."""

import streamlit as st

from core.labels import FERPLUS8
from training.evaluation.curves import Curves
from webapp import charts, charts_evaluation, charts_evaluation_curves
from webapp.ui.evaluation_subject import Subject
from webapp.ui.evaluation_withheld import withheld

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
            st.plotly_chart(charts_evaluation_curves.roc(lines["roc"], hues), config=charts.CONFIG, alt="ROC curves")
            st.caption(
                "One class against all others: how many of its images are caught, against how many others are taken "
                "for it. 1 is perfect, 0.5 is chance."
            )
        with st.container():
            st.markdown("**Precision and recall** · average precision")
            st.plotly_chart(
                charts_evaluation_curves.precision_recall(lines["precision_recall"], hues),
                config=charts.CONFIG,
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
    return by_model, charts_evaluation.colours(list(curves))
