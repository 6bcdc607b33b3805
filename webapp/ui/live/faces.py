"""The faces of a stream, each in its place with its bars and last minute, and a held moment that can be explained.

The faces are drawn as one piece of HTML: in figures of their own, a face that comes or goes would move those below it
to another place of the page, and the browser would draw them anew from nothing.
"""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import cv2
import streamlit as st

from core.labels import FER7, LABEL_SETS
from core.output.draw import caption
from core.readings import Frame, Reading
from webapp.charts import answers, timelines
from webapp.charts.timelines import Sample
from webapp.ui.live.stream import LiveStream
from webapp.ui.shared import why

REFRESH_S = 0.5
_CARDS = 2  # more faces than these get a line each
_LINES = 12
_SAMPLES_TO_BELIEVE = 3  # in which a face was seen before it gets a place: what comes and goes at once is none
_REMEMBERED_S = 5.0  # how long a face that has left keeps its place
_REMEMBERED_ALONE_S = 15.0  # how long if nobody else is there


def show(stream: LiveStream) -> None:
    """Show the faces in view, and those that have just left, in the order in which they came."""
    frame, samples = stream.frame, stream.history.samples()
    if frame is None:
        st.info("Your expressions appear here as soon as the camera runs.", icon=":material/monitoring:")
        return
    in_view = {reading.number: reading for reading in frame.readings}
    numbers = places(samples)
    if not any(number in in_view for number in numbers):
        st.info("No face in view. Look towards the camera, and mind the light.", icon=":material/person_off:")
    if numbers:
        _show(_board(numbers, in_view, samples))


def places(samples: Sequence[Sample]) -> list[int]:
    """Return the numbers of the faces that have a place: those in view, and those that left a few seconds ago.

    Args:
        samples: The samples of the last minute, oldest first.
    """
    times_seen = Counter(number for sample in samples for number in sample.faces)
    last_seen = {number: sample.time_s for sample in samples for number in sample.faces}
    believed = {number for number in last_seen if times_seen[number] >= min(_SAMPLES_TO_BELIEVE, len(samples))}
    now = samples[-1].time_s if samples else 0.0
    kept = [number for number in believed if now - last_seen[number] < _REMEMBERED_S]
    if not kept and believed:
        last = max(believed, key=lambda number: last_seen[number])
        kept = [last] if now - last_seen[last] < _REMEMBERED_ALONE_S else []
    return sorted(kept)


def _show(content: str) -> None:
    # Not `st.html`, which drops SVG and would replace all elements at each change.
    st.markdown(f"<div class='live-faces'>{content}</div>", unsafe_allow_html=True)


def _board(numbers: list[int], in_view: Mapping[int, Reading], samples: Sequence[Sample]) -> str:
    draw = _line if len(numbers) > _CARDS else _card
    faces = [draw(number, in_view.get(number), timelines.last_minute(samples, number)) for number in numbers[:_LINES]]
    if left := len(numbers) - len(faces):
        faces.append(f"<p>{left} more</p>")
    axis = "<p class='axis'><span>60 seconds ago</span><span>30</span><span>now</span></p>"
    names = "".join(f"<li><i style='background:{FER7.colours[label]}'></i>{label}</li>" for label in FER7.labels)
    legend = f"<ul class='legend' aria-label='Colours'>{names}</ul>"
    return f"{''.join(faces)}{axis}{legend}"


def _card(number: int, reading: Reading | None, minute: str) -> str:
    """A face with its bars, above its last minute."""
    body = _bars(reading) if reading else ""
    return f"<section class='card'><p>{_title(number, reading)}</p>{body}{minute}</section>"


def _line(number: int, reading: Reading | None, minute: str) -> str:
    """A face's portrait and answer, beside its last minute."""
    portrait = f"<img alt='' src='{_picture(reading)}'>" if reading else "<i class='nobody'></i>"
    return f"<section class='one-line'>{portrait}<p>{_title(number, reading)}</p>{minute}</section>"


def _title(number: int, reading: Reading | None) -> str:
    if reading is None:
        return f"<strong>Face {number}</strong> <small>not in view</small>"
    return f"<strong>{escape(caption(number, reading))}</strong>"


def _bars(reading: Reading) -> str:
    label_set = LABEL_SETS[next(iter(reading.answers))]
    rows = []
    for label in label_set.labels:
        share = reading.probabilities[label]
        name = f"<b>{label}</b>" if label == reading.label else label
        bar = f"<i style='width:{share:.1%};background:{label_set.colours[label]}'></i>"
        rows.append(f"<li><span>{name}</span><span class='track'>{bar}</span><span>{share:.0%}</span></li>")
    hints = "; ".join(reading.face.quality.hints)
    hint = f"<small>{escape(hints.capitalize())}</small>" if hints else ""
    return f"<ul class='bars'>{''.join(rows)}</ul>{hint}"


def _picture(reading: Reading) -> str:
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(reading.face.crop, cv2.COLOR_RGB2BGR))
    return f"data:image/jpeg;base64,{base64.b64encode(encoded).decode()}"


_KEY = "live_moment"


@dataclass(frozen=True)
class Moment:
    """What a model read from one picture."""

    frame: Frame
    model: str


def held() -> Moment | None:
    """Return the moment that the viewer holds, if any."""
    return st.session_state.get(_KEY)


def hold(stream: LiveStream) -> None:
    """Hold what is read right now, or say that there is nobody in view."""
    if stream.frame and stream.frame.readings:
        st.session_state[_KEY] = Moment(stream.frame, stream.recognizer.card.name)
    else:
        st.toast("There is no face in view to hold.", icon=":material/person_off:")


def let_go() -> None:
    """Go back to the stream."""
    del st.session_state[_KEY]


def show_moment(moment: Moment) -> None:
    """Show a held moment's faces, each with buttons that explain it."""
    st.caption(
        "The camera goes on. These bars are smoothed over time; **Why?** explains this one picture alone, so its "
        "figures may differ."
    )
    for reading in moment.frame.readings:
        with st.container(border=True, gap="xsmall"):
            st.image(answers.enlarged(reading.face.crop), width=72, alt="The face")
            _show(f"<p>{_title(reading.number, reading)}</p>{_bars(reading)}")
            why.buttons(reading, moment.model, key=f"live-{reading.number}")
