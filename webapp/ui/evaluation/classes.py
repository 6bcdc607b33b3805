"""What is taken for what, and how well each class is told."""

import pandas as pd
import streamlit as st

from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject
from webapp.ui.shared.messages import escaped

_CELL_WIDTH = 400
_FORMS = ["Counts", "Shares of the row"]
_MEASURES = {"F1": "f1", "Precision": "precision", "Recall": "recall"}


def show_confusion(subject: Subject) -> None:
    """A confusion matrix for each model."""
    form = st.segmented_control("Cells", _FORMS, default=_FORMS[0], required=True, label_visibility="collapsed")
    with st.grid(min_column_width=_CELL_WIDTH):
        for model, one in subject.examined.items():
            with st.container():
                st.markdown(f"**{escaped(model)}**")
                st.plotly_chart(
                    evaluation.confusion(one.report, as_shares=form == _FORMS[1]),
                    config=theme.CONFIG,
                    key=f"confusion-{model}",
                    alt=f"Confusion matrix of {model}",
                )
    st.caption("Each row holds the images of one true label. The stronger the colour, the larger the share of the row.")


def show_figures(subject: Subject) -> None:
    """Precision, recall and F1 of each class."""
    reports = {model: one.report for model, one in subject.examined.items()}
    if len(reports) == 1:
        (report,) = reports.values()
        bars = {title: getattr(report, name) for title, name in _MEASURES.items()}
    else:
        title = st.segmented_control(
            "Measure", list(_MEASURES), default="F1", required=True, label_visibility="collapsed"
        )
        bars = {model: getattr(report, _MEASURES[title]) for model, report in reports.items()}
    st.plotly_chart(evaluation.class_bars(bars), config=theme.CONFIG, alt="Figures of each class")
    st.caption(
        "**Precision**: of the images answered so, the share that are. **Recall**: of the images that are, the share "
        "answered so. **F1**: their harmonic mean."
    )
    table = pd.DataFrame(
        {"Images": [sum(row) for row in next(iter(reports.values())).confusion]}
        | {
            title if len(reports) == 1 else f"{model} · {title}": [
                f"{value:.1%}" for value in getattr(report, name).values()
            ]
            for model, report in reports.items()
            for title, name in _MEASURES.items()
        },
        index=pd.Index(next(iter(reports.values())).recall, name="Class"),
    )
    st.dataframe(table)
