"""Whether a confidence means what it says, and what being unsure is worth."""

import streamlit as st

from training.evaluation.analysis import Examination
from webapp import charts, charts_evaluation_curves
from webapp.ui.evaluation_subject import Subject
from webapp.ui.markdown import escaped

_NARROW_CELL_WIDTH = 360


def show_confidence(subject: Subject) -> None:
    """The reliability diagrams, and the curve of the threshold below which a model is unsure."""
    st.subheader("Is it as sure as it is right?", anchor=False)
    with st.grid(min_column_width=_NARROW_CELL_WIDTH):
        for model, one in subject.examined.items():
            with st.container():
                st.markdown(f"**{escaped(model)}** · {_error(one)}")
                st.plotly_chart(
                    charts_evaluation_curves.reliability(
                        one.report.reliability, one.curves and one.curves.reliability_before
                    ),
                    config=charts.CONFIG,
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
    st.plotly_chart(charts_evaluation_curves.coverage(reports), config=charts.CONFIG, alt="Accuracy over coverage")
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
