"""Personal baselines in a clip: the viewer says when a face looks neutral, and the clip's table is read again."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.corrections import BASELINE_S, Baseline
from core.output.provenance import Provenance
from core.streams.replay import baseline_about, read_again, takes_baselines
from webapp.ui.shared.messages import escaped
from webapp.ui.video.job import ClipResult, VideoJob

Numbers = tuple[int, ...]
"""Face numbers of one person."""
Moments = tuple[float, ...]
"""Times at which a person looks neutral, in seconds."""
Taken = tuple[tuple[Numbers, Moments], ...]


def table_of(job: VideoJob, names: Mapping[int, str]) -> pd.DataFrame:
    """Return the clip's table by face number, read as changes from the faces that the viewer finds neutral.

    Args:
        job: A clip that was read.
        names: Name of each face. Faces of one name are one person and share their baseline.
    """
    people = [_numbers(names, name) for name in sorted(set(names.values()))]
    taken = tuple((numbers, moments) for numbers in people if (moments := _moments(job, numbers)))
    return _kept(job.result, job.run, taken) if taken else job.result.table


def offer(
    job: VideoJob, names: Mapping[int, str], face: int | str, title: str, moment_s: float, row: DeltaGenerator
) -> None:
    """Show a button that takes a face's baseline at the moment shown, or one that removes it.

    Args:
        job: A clip that was read.
        names: Name of each face, by number.
        face: Name of the face.
        title: The face's title.
        moment_s: The moment shown, in seconds.
        row: Where the button goes; questions and warnings come below it.
    """
    numbers, key = _numbers(names, str(face)), f"{job.run}_{face}"
    refused, asked = False, f"video_baseline_asked_{key}"
    with row:
        if moments := _moments(job, numbers):
            when = " and ".join(f"{each_s:.1f} s" for each_s in moments)
            st.markdown(f":green[:material/check_circle: Neutral at {when}]", width="content")
            at_rest = _baseline(job.result, numbers, moments)
            before, after = (next(iter(each.values())) for each in (at_rest.at_rest, at_rest.correct(at_rest.at_rest)))
            st.caption(f"{before.words} there without the baseline, {after.words} with it", width="content")
            if st.button("Remove", key=f"video_no_baseline_{key}", type="tertiary"):
                for number in numbers:
                    job.neutral_s.pop(number, None)
                st.rerun()
        elif takes_baselines(job.result.card) and st.button(
            "Looks neutral here",
            key=f"video_baseline_{key}",
            icon=":material/self_improvement:",
            type="tertiary",
            help="Personal baseline: the three seconds around the moment shown are taken as this face at rest, and the "
            "whole clip is read as changes from it.",
        ):
            found = {number: _baseline(job.result, (number,), (moment_s,)) for number in numbers}
            seen = tuple(number for number, baseline in found.items() if baseline)
            doubt = next((found[number].doubt for number in seen if found[number].doubt), None)
            if seen and not doubt:
                job.neutral_s |= dict.fromkeys(seen, moment_s)
                st.rerun()
            refused = not seen
            st.session_state[asked] = (seen, moment_s, doubt.words) if doubt else None
    if st.session_state.get(asked):
        _ask(job, title, asked)
    if refused:
        st.warning(
            f"{escaped(title)} is not in view in the {BASELINE_S:.0f} seconds around {moment_s:.1f} s: first click "
            "into its chart where it looks neutral.",
            icon=":material/person_off:",
        )


def _ask(job: VideoJob, title: str, asked: str) -> None:
    """Ask whether a face that clearly shows something is the neutral one."""
    seen, moment_s, looks = st.session_state[asked]
    st.warning(
        f"At {moment_s:.1f} s {escaped(title)} looks **{looks}**, not neutral. The whole clip would be read as changes "
        "from that.",
        icon=":material/sentiment_neutral:",
    )
    with st.container(horizontal=True):
        if st.button("It is the neutral face", key=f"{asked}_yes"):
            job.neutral_s |= dict.fromkeys(seen, moment_s)
        elif not st.button("Leave it", key=f"{asked}_no"):
            return
    st.session_state[asked] = None
    st.rerun()


def made_by(job: VideoJob, names: Mapping[int, str]) -> Provenance:
    """What made the clip's table, with the baselines that the viewer took."""
    taken = [
        f"of {name} at {' and '.join(f'{each_s:.1f} s' for each_s in moments)}"
        for name in sorted(set(names.values()))
        if (moments := _moments(job, _numbers(names, name)))
    ]
    return replace(job.result.made_by, baseline=", ".join(taken) or None)


def note(job: VideoJob) -> None:
    """Say that baselines do not change the marked video, if there are any."""
    if job.neutral_s:
        st.caption("The marks in the picture show the readings without a baseline.")


def with_baselines(result: ClipResult, taken: Taken) -> pd.DataFrame:
    """Return a clip's table, read again with baselines.

    Args:
        result: The readings of the clip.
        taken: For each person, the face numbers and the moments at which one of them looks neutral.
    """
    baselines = {number: _baseline(result, numbers, moments) for numbers, moments in taken for number in numbers}
    bar = next(iter(result.card.outputs.values())).unsure_below
    rows = read_again(result.table.to_dict("records"), baselines, result.settings.smoothing_s, bar)
    return pd.DataFrame(rows, columns=result.table.columns).astype(result.table.dtypes)


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _kept(_result: ClipResult, run: int, taken: Taken) -> pd.DataFrame:
    return with_baselines(_result, taken)


def _baseline(result: ClipResult, numbers: Numbers, moments: Moments) -> Baseline | None:
    rows = result.table[result.table["face"].isin(numbers)].to_dict("records")
    return baseline_about(moments, rows, result.card)


def _numbers(names: Mapping[int, str], name: str) -> Numbers:
    return tuple(sorted(number for number, given in names.items() if given == name))


def _moments(job: VideoJob, numbers: Numbers) -> Moments:
    return tuple(sorted({job.neutral_s[number] for number in numbers if number in job.neutral_s}))
