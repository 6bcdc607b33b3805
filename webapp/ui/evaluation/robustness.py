"""How models bear what real pictures do to a face."""

import streamlit as st

from training.errors import TrainingError
from training.evaluation.corruptions import CORRUPTIONS
from training.evaluation.robustness import stored
from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject
from webapp.ui.shared.messages import show_error

_ALL = "all, in the mean"


def show(subject: Subject) -> None:
    """Accuracy over strength for each kind of corruption, from what is stored."""
    try:
        found = {one.model: one for one in stored()}
    except TrainingError as error:
        show_error(error)
        return
    models = [found[name] for name in subject.examined if name in found]
    if missing := [name for name in subject.examined if name not in found]:
        st.info(
            f"Not measured yet: {', '.join(missing)}. It takes minutes: `python -m training robustness "
            f"{' '.join(missing)} --data {subject.rows.path} --out docs/robustness`",
            icon=":material/tornado:",
        )
    if not models:
        return
    kind = st.selectbox(
        "Corruption", [_ALL, *CORRUPTIONS], format_func=lambda name: name.replace("_", " "), key="evaluation_corruption"
    )
    st.plotly_chart(
        evaluation.robustness(models, theme.colours(list(subject.examined)), None if kind == _ALL else kind),
        config=theme.CONFIG,
        alt=f"Accuracy over strength, {kind}",
    )
    st.caption(
        f"On {models[0].n:,} images of {models[0].split} that do not stand in Training, the same for every model. "
        "A face that is not found counts as wrong."
        + (" Dashed: sees the mesh." if any(one.sees != "pixels" for one in models) else "")
    )
