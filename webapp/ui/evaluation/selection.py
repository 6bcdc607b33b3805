"""What is evaluated: the models, the images, and the answers that are known so far."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core import model_store
from core.cards import Card
from core.inference import installed
from core.inference.artifact import Artifact
from core.labels import LABEL_SETS
from training.datasets.index import Rows
from training.errors import DatasetError, TrainingError
from training.evaluation.analysis import Analysis, analyse, analyses_of, load_analyses
from training.evaluation.measurement import stored
from training.evaluation.predictions import is_published
from webapp.ui.shared import datasets
from webapp.ui.shared.background import Job, Progress, progress
from webapp.ui.shared.messages import escaped, show_error

_SPLITS = ("public-test", "private-test", "training")
_TRUTHS = {"fer7": "the dataset's labels", "ferplus8": "most people's votes (FER+)"}
_NOTES = {
    "training": "Models have learnt from these images: this shows what they could not learn, not how good they are.",
    "private-test": "These images are kept for one final figure: only what `evaluate --final` has stored is shown. "
    "Curves and mistakes are not, so that nobody tunes a model to these images.",
}


@dataclass(frozen=True)
class Subject:
    """What the views show.

    Attributes:
        rows: The dataset's rows.
        split: Name of the split.
        label_set: Name of the label set that counts as the truth.
        analyses: The known results by model; models without any are missing.
    """

    rows: Rows
    split: str
    label_set: str
    analyses: Mapping[str, Analysis]

    def title(self, split: str) -> str:
        """What a split is called in the dataset that is shown."""
        return datasets.split_name(self.rows, split)


def choose() -> Subject:
    """Let the viewer choose models, a dataset and a split; stops the page if there are none."""
    cards = installed.installed()
    if not cards:
        st.info("No model is installed. `python -m training train quick` makes one.", icon=":material/deployed_code:")
        st.stop()
    datasets.require()
    left, middle, right = st.columns([4, 3, 4])
    with left:
        names = st.multiselect(
            "Models", list(cards), default=[next(iter(cards))], key="evaluation_models", persist_state="session"
        )
    with middle:
        dataset = datasets.choose()
    try:
        rows = datasets.load(dataset)
    except (DatasetError, OSError) as error:
        show_error(error)
        st.stop()
    splits = [split for split in _SPLITS if split in rows.present]
    title = partial(datasets.split_name, rows)
    with right:
        split = st.segmented_control(
            "Images",
            splits,
            format_func=title,
            default=splits[0],
            required=True,
            key="evaluation_split",
            persist_state="session",
        )
    chosen = {name: cards[name] for name in names if name in cards}
    if not chosen:
        st.info("Choose one or more models above.", icon=":material/deployed_code:")
        st.stop()
    if split in _NOTES:
        st.caption(f":material/info: {_NOTES[split]}")
    known = _stored(chosen, rows) if split == "private-test" else _analysed(chosen, rows, split)
    label_set = _label_set(known)
    return Subject(rows, split, label_set, {name: found[label_set] for name, found in known.items() if label_set})


def _stored(cards: Mapping[str, Card], rows: Rows) -> dict[str, dict[str, Analysis]]:
    """The results stored in docs/reports, with a message for each model that has none there."""
    try:
        measured = {one.card.name: one for one in stored()}
    except TrainingError as error:
        show_error(error)
        return {}
    known = {}
    for name, card in cards.items():
        one = measured.get(name)
        if one is None or one.dataset != rows.hash or one.card.files != card.files:
            which = "" if one is None else " as it is now" if one.card.files != card.files else " on this dataset"
            part = datasets.split_name(rows, "private-test")
            st.info(
                f"**{escaped(name)}** has not been measured on {part}{which}. When the model is final: "
                f"`python -m training evaluate {name} --data {rows.path} --split private-test --final`",
                icon=":material/lock:",
            )
        else:
            known[name] = analyses_of(one)
    return known


def _analysed(cards: Mapping[str, Card], rows: Rows, split: str) -> dict[str, dict[str, Analysis]]:
    """The results on disk; others are made of the answers that came with the project, or after a button is pressed."""
    found = {name: load_analyses(card, rows.hash, split) for name, card in cards.items()}
    missing = [name for name, known in found.items() if known is None]
    ready = [name for name in missing if is_published(cards[name], rows.hash, split)]
    if missing:
        _make(ready or missing, rows, split, at_once=bool(ready))
        found |= {name: load_analyses(cards[name], rows.hash, split) for name in ready}
    return {name: known for name, known in found.items() if known is not None}


_SHORT_S = 0.4


def _make(models: list[str], rows: Rows, split: str, at_once: bool) -> None:
    """Analyse models in the background with one bar, at once or when the viewer asks for it."""
    jobs, key = _jobs(), f"{rows.hash}-{split}-{'-'.join(models)}"
    job = jobs.get(key)
    if job is None and at_once:
        job = jobs[key] = Job(lambda step: _ask(models, rows, split, step))
    if job is not None and not job.is_over(_SHORT_S):
        progress(f"Running {' and '.join(models)}", job, can_cancel=not at_once)
        return
    if job is not None:
        del jobs[key]
        if job.error:
            show_error(job.error)
        if at_once:
            return
    with st.container(horizontal=True, vertical_alignment="center"):
        count = len(rows.where(split))
        verb = "has" if len(models) == 1 else "have"
        st.markdown(f"**{escaped(' and '.join(models))}** {verb} not been run on these {count:,} images.")
        if st.button("Run now", type="primary", icon=":material/play_arrow:", help="Takes about a minute, once."):
            jobs[key] = Job(lambda step: _ask(models, rows, split, step))
            st.rerun()


def _ask(models: list[str], rows: Rows, split: str, step: Progress) -> None:
    count = len(rows.where(split))
    for number, name in enumerate(models):
        artifact = Artifact(model_store.folder_of(name), threads=os.cpu_count() or 1)
        passes = 1 if artifact.feature.needs == "crop" else 2  # the images are measured first, and then answered
        step(number * count, len(models) * count)
        analyse(artifact, rows.path, split, _overall(step, number * count, count, len(models) * count, passes))
    step(len(models) * count, len(models) * count)


def _overall(step: Progress, before: int, count: int, total: int, passes: int) -> Progress:
    """Turn the progress of one model, which may pass over the images twice, into that of all, which never goes back.

    Args:
        step: Takes the overall progress, in images.
        before: Number of images of the models before.
        count: Number of images of this model.
        total: Number of images of all models.
        passes: How often this model's images are gone through.
    """
    reached, finished = 0, 0

    def report(done: int, of: int | None) -> None:
        nonlocal reached, finished
        share = done / of if of else 0.0
        if share < reached and finished < passes - 1:  # the next pass has begun
            finished += 1
        reached = share
        step(before + int(count * min(1.0, (finished + share) / passes)), total)

    return report


def _label_set(known: Mapping[str, Mapping[str, Analysis]]) -> str:
    """The label set that all models share, chosen by the viewer if there are several; empty if there is none."""
    shared = [name for name in LABEL_SETS if all(name in found for found in known.values())]
    if not known:
        return ""
    if not shared:
        st.info("These models have no label set in common: choose them one at a time.", icon=":material/label:")
        return ""
    if len(shared) == 1:
        return shared[0]
    return st.segmented_control(
        "Compared with",
        shared,
        format_func=lambda name: _TRUTHS.get(name, name),
        default=shared[0],
        required=True,
        key="evaluation_label_set",
        persist_state="session",
    )


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, Job]:
    return {}


def withheld(what: str, subject: Subject) -> None:
    """Say that something is not shown for the final test, and where to see it instead."""
    st.info(
        f"{what} are hidden on {subject.title('private-test')} so that nobody tunes a model to it. Switch to "
        f"{subject.title('public-test')}.",
        icon=":material/lock:",
    )
