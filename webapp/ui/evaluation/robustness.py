"""How accurate models stay when pictures are corrupted, by blur or noise for example."""

import streamlit as st

from training.errors import TrainingError
from training.evaluation.corruptions import CORRUPTIONS
from training.evaluation.robustness import stored
from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject
from webapp.ui.shared.messages import show_error

_ALL = "mean of all"


def show(subject: Subject) -> None:
    """Show accuracy over the strength of each kind of corruption, as stored in docs/robustness."""
    try:
        found = {one.model: one for one in stored()}
    except TrainingError as error:
        show_error(error)
        return
    models = [found[name] for name in subject.analyses if name in found]
    if missing := [name for name in subject.analyses if name not in found]:
        st.info(
            f"Not measured yet: {', '.join(missing)}. This takes minutes: `python -m training robustness "
            f"{' '.join(missing)} --data {subject.rows.path} --out docs/robustness`",
            icon=":material/tornado:",
        )
    if not models:
        return
    kind = st.selectbox(
        "Corruption",
        [_ALL, *CORRUPTIONS],
        format_func=lambda name: name.replace("_", " "),
        key="evaluation_corruption",
        persist_state="session",
    )
    st.plotly_chart(
        evaluation.robustness(models, theme.colours(list(subject.analyses)), None if kind == _ALL else kind),
        config=theme.CONFIG,
        alt=f"Accuracy over strength, {kind}",
    )
    st.caption(
        f"On {models[0].n:,} images of {subject.title(models[0].split)} that are not in {subject.title('training')}, "
        "the same for every model. "
        "A face that is not found counts as wrong."
        + (" Dashed: the model sees the mesh." if any(one.sees != "pixels" for one in models) else "")
    )
