"""Many small pictures of a dataset side by side, as one piece of HTML, because an element for each is slow."""

import base64
import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.labels import FERPLUS8
from training.datasets.index import Rows, pictures
from webapp.ui.shared.datasets import split_name

A_PAGE = 48

_SIDE = 80
_MARGIN = 24  # by how much a text may be wider than its picture
_FADED = ";opacity:.3"
_IMAGE = (
    f"width:{_SIDE}px;height:{_SIDE}px;border-radius:.35rem;display:block;"
    "box-shadow:0 0 0 1px rgba(128,136,150,.35)"  # makes a black picture visible on a dark page
)
_TEXT = (
    f"display:block;margin-top:.15rem;max-width:{_SIDE + _MARGIN}px;font-size:.75rem;line-height:1.25;opacity:.8;"
    "overflow-wrap:anywhere"
)

# A component of its own and not an `st.button` for each picture: those take a second to appear.
_buttons = st.components.v2.component(
    "mien_picture_wall",
    html='<div class="wall"></div>',
    css="""
        button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: left;
                 cursor: pointer; border-radius: .35rem }
        button:hover img { box-shadow: 0 0 0 2px var(--st-primary-color) !important }
        button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 3px }
    """,
    js="""
        export default function ({ data, parentElement, setTriggerValue }) {
            const wall = parentElement.querySelector(".wall");
            wall.innerHTML = data.html;
            wall.onclick = (event) => {
                const button = event.target.closest("button[data-row]");
                if (button) setTriggerValue("opened", Number(button.dataset.row));
            };
        }
    """,
)


@dataclass(frozen=True)
class Tile:
    """The picture of a dataset's row, and the lines of text below it; it may be shown faded."""

    row: int
    lines: Sequence[str] = ()
    is_faded: bool = False


def wall(rows: Rows, tiles: Sequence[Tile], key: str | None = None) -> int | None:
    """Show pictures side by side; see `groups`."""
    return groups(rows, [tiles], key)


def groups(rows: Rows, tiles: Sequence[Sequence[Tile]], key: str | None = None) -> int | None:
    """Show pictures side by side, those of one group together, in a frame if there are several groups.

    Args:
        rows: All rows of the dataset.
        tiles: The groups.
        key: A name that is unique on the page makes each picture a button.

    Returns:
        The row of the picture that was pressed just now; None if none was.
    """
    pngs = dict(zip((numbers := _numbers(tiles)), pictures(rows.path, numbers), strict=True))
    frame = "border:1px solid rgba(128,136,150,.35);border-radius:.6rem;padding:.5rem" if len(tiles) > 1 else ""
    shown = _figure if key is None else _button
    boxes = (
        f'<div style="{_flex(0.6)};{frame}">{"".join(shown(rows, tile, pngs[tile.row]) for tile in group)}</div>'
        for group in tiles
    )
    content = f'<div style="{_flex(0.75)}">{"".join(boxes)}</div>'
    if key is None:
        st.html(content)
        return None
    return _buttons(key=key, data={"html": content}, on_opened_change=lambda: None).opened


def cells(rows: Rows, tiles: Sequence[Tile], below: Callable[[Tile, bytes], None]) -> None:
    """Show pictures in a grid, each with the elements that `below` adds for its tile and PNG."""
    with st.grid(min_column_width=_SIDE + _MARGIN):
        for tile, png in zip(tiles, pictures(rows.path, _numbers([tiles])), strict=True):
            with st.container(gap="xxsmall"):
                st.html(_figure(rows, tile, png))
                below(tile, png)


_PAGES_IN_VIEW = 7  # as many as a pager shows without leaving any out


def paged(count: int, key: str, a_page: int = A_PAGE) -> slice:
    """Return which of `count` items to show, with controls to turn the page and, if there are many, to jump to one."""
    pages = -(-count // a_page)
    page = 1
    if pages > _PAGES_IN_VIEW:
        with st.container(horizontal=True, vertical_alignment="center"):
            page = st.pagination(pages, key=key, persist_state="session")
            st.number_input(
                "Go to page", 1, pages, None, placeholder=f"Page 1 to {pages}", label_visibility="collapsed",
                key=f"{key}-jump", on_change=_jump, args=(key,), width=170,
            )  # fmt: skip
    elif pages > 1:
        page = st.pagination(pages, key=key, persist_state="session")
    return slice((page - 1) * a_page, page * a_page)


def _jump(key: str) -> None:
    if page := st.session_state[f"{key}-jump"]:
        st.session_state[key] = page
        st.session_state[f"{key}-jump"] = None


def described(rows: Rows, row: int) -> str:
    """Describe a row: `happy · Training · row 12`."""
    return f"{FERPLUS8.labels[rows.labels[row]]} · {split_name(rows, rows.splits[row])} · row {row}"


def _numbers(tiles: Iterable[Sequence[Tile]]) -> list[int]:
    return list(dict.fromkeys(tile.row for group in tiles for tile in group))


def _figure(rows: Rows, tile: Tile, png: bytes) -> str:
    return f'<figure style="margin:0">{_image(rows, tile, png)}<figcaption>{_lines(tile)}</figcaption></figure>'


def _button(rows: Rows, tile: Tile, png: bytes) -> str:
    return f'<button type="button" data-row="{tile.row}">{_image(rows, tile, png)}{_lines(tile)}</button>'


def _image(rows: Rows, tile: Tile, png: bytes) -> str:
    title = html.escape(described(rows, tile.row))
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<img src="{source}" alt="{title}" title="{title}" style="{_IMAGE}{_FADED * tile.is_faded}">'


def _lines(tile: Tile) -> str:
    return "".join(f'<span style="{_TEXT}">{html.escape(line)}</span>' for line in tile.lines)


def _flex(gap_rem: float) -> str:
    return f"display:flex;flex-wrap:wrap;align-items:flex-start;gap:{gap_rem}rem"
