"""The time view: a player, the faces' charts and marked events on one playhead.

`show(table, times_s, key)` is all that a page needs: with `video` there is a player, without it the charts and the head
stand alone. Moving the head moves the player, and playing or seeking moves the head; a click into a chart moves both.
That happens in the browser. The server hears of the moment when the head rests, and shows what was read there.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.labels import FER7
from core.output.draw import UNSURE_COLOUR
from core.output.table import UNSURE
from core.streams.replay import told_in
from webapp.charts import theme, timelines
from webapp.ui.shared.messages import escaped

Beside = Callable[[int | str, float, DeltaGenerator], None]

_A_PAGE = 4  # faces whose charts are shown at once
_PORTRAIT = 44  # pixels

# `st.video` does not tell where it is, and a slider's every step would ask the server: hence a head in the browser.
_head = st.components.v2.component(
    "mien_playhead",
    html="""
        <label><span>Moment</span><output></output></label>
        <input type="range" step="0.01" aria-label="Moment">
        <div class="events"></div>
    """,
    css="""
        label { display: flex; justify-content: space-between; font-size: .875rem }
        output { font-variant-numeric: tabular-nums }
        input { width: 100%; margin: .4rem 0; accent-color: var(--st-primary-color); cursor: pointer }
        .events { display: flex; flex-wrap: wrap; gap: .3rem .5rem }
        button { font: inherit; font-size: .8rem; color: inherit; background: none; cursor: pointer;
                 border: 1px solid var(--st-border-color); border-radius: 1rem; padding: .15rem .6rem }
        :focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px }
    """,
    js="""
        const REST_MS = 150;
        const states = new WeakMap();

        export default function ({ data, parentElement, setStateValue }) {
            const { first, last, view: name } = data;
            const view = document.querySelector(`.st-key-${name}`);
            const state = states.get(parentElement) ?? { at: first };
            states.set(parentElement, state);
            state.listening?.abort(); // this function is called at every run of the page
            const { signal } = (state.listening = new AbortController());

            const head = parentElement.querySelector("input");
            const clock = parentElement.querySelector("output");
            const player = () => view.querySelector("video");
            Object.assign(head, { min: first, max: last });

            const draw = () => {
                const told = `${state.at.toFixed(2)} s`;
                head.value = state.at;
                head.setAttribute("aria-valuetext", told);
                clock.textContent = told;
                for (const chart of view.querySelectorAll(".js-plotly-plot")) {
                    const plot = chart.querySelector(".nsewdrag")?.getBoundingClientRect();
                    if (!plot?.width) continue;
                    let line = chart.querySelector(":scope > .mien-playhead");
                    if (!line) {
                        line = document.createElement("div");
                        line.className = "mien-playhead";
                        line.style.cssText = "position:absolute;top:0;bottom:20px;width:2px;background:currentColor;" +
                            "opacity:.8;pointer-events:none;z-index:1";
                        chart.style.position = "relative";
                        chart.append(line);
                    }
                    const share = (state.at - first) / (last - first);
                    line.style.left = `${plot.left - chart.getBoundingClientRect().left + share * plot.width - 1}px`;
                }
            };
            const rest = () => {
                clearTimeout(state.timer);
                state.timer = setTimeout(() => setStateValue("at_s", state.at), REST_MS);
            };
            const go = (moment) => {
                state.at = Math.min(Math.max(moment, first), last);
                if (player()) player().currentTime = state.at - first;
                draw();
                rest();
            };
            const follow = () => {
                state.at = Math.min(first + player().currentTime, last);
                draw();
            };
            const play = () => {
                if (signal.aborted) return;
                follow();
                if (!player().paused) requestAnimationFrame(play);
            };

            head.addEventListener("input", () => go(Number(head.value)), { signal });
            // What a player tells does not bubble, but can be heard on the way down.
            const heard = { capture: true, signal };
            view.addEventListener("play", play, heard);
            view.addEventListener("pause", () => { follow(); rest(); }, heard);
            view.addEventListener("seeked", () => { follow(); rest(); }, heard);
            if (player() && !player().paused) play();
            view.addEventListener("pointerdown", (event) => {
                const plot = event.target.closest?.(".js-plotly-plot")?.querySelector(".nsewdrag");
                if (!plot || event.button) return;
                const { left, width } = plot.getBoundingClientRect();
                const share = (event.clientX - left) / width;
                if (share >= 0 && share <= 1) go(first + share * (last - first));
            }, heard);

            const events = parentElement.querySelector(".events");
            events.replaceChildren(...data.events.map(([moment, text]) => {
                const button = document.createElement("button");
                button.type = "button";
                button.textContent = `${moment.toFixed(1)} s ${text}`;
                button.addEventListener("click", () => go(moment), { signal });
                return button;
            }));

            const charts = new MutationObserver(draw); // they come and go with the page of faces
            charts.observe(view, { childList: true, subtree: true });
            const width = new ResizeObserver(draw);
            width.observe(view);
            signal.addEventListener("abort", () => { charts.disconnect(); width.disconnect(); });
            draw();
            return () => state.listening.abort();
        }
    """,
)


def show(
    table: pd.DataFrame,
    times_s: np.ndarray,
    key: str,
    *,
    video: Path | None = None,
    alt: str = "",
    portraits: Mapping[int | str, bytes] | None = None,
    events: Sequence[tuple[float, str]] = (),
    order: Sequence[int | str] = (),
    beside: Beside | None = None,
) -> None:
    """Show what was read over time.

    Args:
        table: A row for each face and picture, with the columns of `core.output.table`.
        times_s: float (N,): times of all pictures that were read, in seconds; one or more.
        key: A name that is unique on the page.
        video: The video to play; its first picture is the first of `times_s`.
        alt: Description of the video, for people who do not see it.
        portraits: A JPEG of each face.
        events: Times and texts of marked events, in seconds.
        order: The faces in the order in which to show them; by default in that of their names.
        beside: Called with a face, the moment in seconds and the row of the face's title, to add to it or below it.
    """
    faces = list(order) or sorted(table["face"].unique())
    with st.container(key=f"{key}-view"):
        seen, charted = st.columns(2, gap="medium")
        with seen:
            if video:
                st.video(video, alt=alt or None)
            _moment(table, times_s, key, events)
        with charted:
            _charts(table, times_s, key, faces, portraits or {}, beside)


def title(face: int | str) -> str:
    """What a face is called: "Face 1", or its own name."""
    return f"Face {face}" if str(face).isdecimal() else str(face)


@st.fragment
def _moment(table: pd.DataFrame, times_s: np.ndarray, key: str, events: Sequence[tuple[float, str]]) -> None:
    first, last = timelines.span(times_s)
    data = {
        "first": first,
        "last": last,
        "view": f"{key}-view",
        "events": [list(each) for each in events],
    }
    wanted = _head(key=key, data=data, default={"at_s": first}, on_at_s_change=lambda: None).at_s
    st.session_state[_place(key)] = wanted
    picture_s = float(times_s[max(0, np.searchsorted(times_s, wanted + 0.0005, side="right") - 1)])
    rows = table[np.isclose(table["time_s"], picture_s, atol=1e-5)].to_dict("records")
    for row in rows:
        st.markdown(escaped(f"{title(row['face'])}: {told_in(row)}"))
    if not rows:
        st.markdown("No face at this moment.")


@st.fragment
def _charts(
    table: pd.DataFrame,
    times_s: np.ndarray,
    key: str,
    faces: Sequence[int | str],
    portraits: Mapping[int | str, bytes],
    beside: Beside | None,
) -> None:
    _legend()
    pages = -(-len(faces) // _A_PAGE)
    page = st.pagination(pages, key=f"{key}-page") if pages > 1 else 1
    for face in faces[(page - 1) * _A_PAGE : page * _A_PAGE]:
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        if face in portraits:
            row.image(portraits[face], width=_PORTRAIT, alt=title(face))
        row.markdown(f"**{escaped(title(face))}**", width="content")
        if beside:
            beside(face, st.session_state[_place(key)], row)
        st.plotly_chart(
            timelines.clip_timeline(table[table["face"] == face], times_s),
            config=theme.CONFIG,
            key=f"{key}-face-{face}",
            alt=f"Expressions of {title(face)} over time",
        )


def _place(key: str) -> str:
    return f"{key}-s"


def _legend() -> None:
    """Show the colours and their labels, once for all charts."""
    colours = FER7.colours | {UNSURE: UNSURE_COLOUR}
    entries = "".join(
        f'<span style="white-space:nowrap"><span style="display:inline-block;width:.8em;height:.8em;border-radius:.2em;'
        f'background:{colour};margin-right:.35em"></span>{html.escape(label)}</span>'
        for label, colour in colours.items()
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.875rem">{entries}</div>')
