"""How often models are right: overall, compared with one another, and class by class."""

from itertools import combinations

import pandas as pd
import streamlit as st

from training.evaluation.analysis import Analysis
from training.evaluation.compare import mcnemar
from training.evaluation.curves import NO_ANSWER, chosen
from webapp.charts import evaluation, theme
from webapp.ui.evaluation.selection import Subject
from webapp.ui.shared.messages import escaped
from webapp.ui.shared.picture_wall import Tile, paged, wall

_BY_CHANCE = 0.05
_MEASURES = {"accuracy": "as it is", "accuracy_without_copies": "without copies", "balanced_accuracy": "balanced"}


def show(subject: Subject) -> None:
    """Show the three accuracies, further figures, and a test of each pair of models."""
    shares = {model: _shares(one, subject.split) for model, one in subject.analyses.items()}
    description = "; ".join(
        f"{model} {name} {value:.1%}" for model, each in shares.items() for name, (value, *_) in each.items()
    )
    st.plotly_chart(evaluation.accuracies(shares), config=theme.CONFIG, alt=f"Accuracy: {description}")
    st.caption(
        "Lines are 95% intervals (bootstrap). **As it is**: the share of all images that are answered correctly; a "
        "face that is not found counts as wrong. **Without copies**: without the images that are also in training. "
        "**Balanced**: the mean over the classes, so that rare ones count as much as common ones."
        + ("" if all(one.intervals for one in subject.analyses.values()) else " A stored Report has one interval only.")
    )
    st.dataframe(pd.DataFrame([_row(model, one) for model, one in subject.analyses.items()]), hide_index=True)
    if len(subject.analyses) > 1:
        _tests(subject)


def _shares(one: Analysis, split: str) -> dict[str, tuple[float, float, float]]:
    """Each share with its interval; where no interval is stored, both ends are the share itself."""
    report = one.report
    intervals = {"accuracy": report.accuracy_interval, **one.intervals}
    return {
        title: (value := getattr(report, name), *intervals.get(name, (value, value)))
        for name, title in _MEASURES.items()
        if not (name == "accuracy_without_copies" and split == "training")
    }


def _row(model: str, one: Analysis) -> dict[str, str]:
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
    st.header("Is one better than the other?", anchor=False)
    rows = []
    for (a, one), (b, other) in combinations(subject.analyses.items(), 2):
        if one.correct is None or other.correct is None:
            st.info("Which images were answered correctly is stored for the main labels only.", icon=":material/lock:")
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
        "McNemar's paired test on the same images (exact, two-sided): p is the probability of such a difference if "
        f"both models were equally good. Below {_BY_CHANCE} it is hardly luck; of many pairs, a few fall below it."
    )


_CELL_WIDTH = 400
_A_PAGE = 24
_FORMS = ["Counts", "Shares of the row"]
_CLASS_MEASURES = {"F1": "f1", "Precision": "precision", "Recall": "recall"}


def show_confusion(subject: Subject) -> None:
    """Show a confusion matrix for each model."""
    form = st.segmented_control(
        "Cells",
        _FORMS,
        default=_FORMS[0],
        required=True,
        label_visibility="collapsed",
        key="evaluation_cells",
        persist_state="session",
    )
    with st.grid(min_column_width=_CELL_WIDTH):
        for model, one in subject.analyses.items():
            with st.container():
                st.markdown(f"**{escaped(model)}**")
                cell = _matrix(model, one, as_shares=form == _FORMS[1])
            if cell:
                _pictures(subject, model, *cell)
    st.caption(
        "Each row holds the images of one true label. The stronger the colour, the larger the share of the row."
        + (
            " Click a cell to see its pictures."
            if any(one.answers is not None for one in subject.analyses.values())
            else ""
        )
    )


def _matrix(model: str, one: Analysis, as_shares: bool) -> tuple[str, str] | None:
    """Draw a model's confusion matrix; returns the label and the answer of the cell that was clicked, if any."""
    options = {"config": theme.CONFIG, "key": f"confusion-{model}", "alt": f"Confusion matrix of {model}"}
    figure = evaluation.confusion(one.report, as_shares)
    if one.answers is None:
        st.plotly_chart(figure, **options)
        return None
    points = st.plotly_chart(figure, **options, on_select="rerun", selection_mode="points").selection.points
    return (points[0]["y"], points[0]["x"]) if points else None


def _pictures(subject: Subject, model: str, label: str, answer: str) -> None:
    """Show the pictures of one cell of a confusion matrix, the surest answers first."""
    given = NO_ANSWER if answer == evaluation.NO_FACE else answer
    found = chosen(subject.analyses[model].answers, label=label, answer=given)
    with st.container(border=True):
        images = "image" if len(found) == 1 else "images"
        st.markdown(f"**{escaped(model)}**: {len(found):,} {images} of **{label}** answered **{answer}**")
        shown = found[paged(len(found), f"cell-{model}-{subject.split}-{label}-{answer}", _A_PAGE)]
        wall(subject.rows, [Tile(int(each.row), (f"{each.confidence:.0%} sure",)) for each in shown.itertuples()])


def show_classes(subject: Subject) -> None:
    """Show precision, recall and F1 of each class."""
    reports = {model: one.report for model, one in subject.analyses.items()}
    if len(reports) == 1:
        (report,) = reports.values()
        bars = {title: getattr(report, name) for title, name in _CLASS_MEASURES.items()}
    else:
        title = st.segmented_control(
            "Measure",
            list(_CLASS_MEASURES),
            default="F1",
            required=True,
            label_visibility="collapsed",
            key="evaluation_measure",
            persist_state="session",
        )
        bars = {model: getattr(report, _CLASS_MEASURES[title]) for model, report in reports.items()}
    st.plotly_chart(evaluation.class_bars(bars), config=theme.CONFIG, alt="Figures of each class")
    st.caption(
        "**Precision**: share of the images answered with this class that belong to it. **Recall**: share of the "
        "images of this class that are answered with it. **F1**: their harmonic mean."
    )
    table = pd.DataFrame(
        {"Images": [sum(row) for row in next(iter(reports.values())).confusion]}
        | {
            title if len(reports) == 1 else f"{model} · {title}": [
                f"{value:.1%}" for value in getattr(report, name).values()
            ]
            for model, report in reports.items()
            for title, name in _CLASS_MEASURES.items()
        },
        index=pd.Index(next(iter(reports.values())).recall, name="Class"),
    )
    st.dataframe(table)
