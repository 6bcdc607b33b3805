"""Many small pictures of a dataset side by side, as one piece of HTML, because an element for each is slow."""

import base64
import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.labels import FERPLUS8
from training.datasets.index import Rows, pictures

A_PAGE = 48

_SIDE = 80
_MARGIN = 24  # by how much a text may be wider than its picture
_IMAGE = (
    f"width:{_SIDE}px;height:{_SIDE}px;border-radius:.35rem;display:block;"
    "box-shadow:0 0 0 1px rgba(128,136,150,.35)"  # makes a black picture visible on a dark page
)
_TEXT = (
    f"margin-top:.3rem;max-width:{_SIDE + _MARGIN}px;font-size:.75rem;line-height:1.25;opacity:.8;"
    "overflow-wrap:anywhere"
)


@dataclass(frozen=True)
class Tile:
    """The picture of a dataset's row, and the lines of text below it."""

    row: int
    lines: Sequence[str] = ()


def wall(rows: Rows, tiles: Sequence[Tile]) -> None:
    """Show pictures side by side."""
    groups(rows, [tiles])


def groups(rows: Rows, tiles: Sequence[Sequence[Tile]]) -> None:
    """Show pictures side by side, those of one group together, in a frame if there are several groups."""
    pngs = dict(zip((numbers := _numbers(tiles)), pictures(rows.path, numbers), strict=True))
    frame = "border:1px solid rgba(128,136,150,.35);border-radius:.6rem;padding:.5rem" if len(tiles) > 1 else ""
    boxes = (
        f'<div style="{_flex(0.6)};{frame}">{"".join(_figure(rows, tile, pngs[tile.row]) for tile in group)}</div>'
        for group in tiles
    )
    st.html(f'<div style="{_flex(0.75)}">{"".join(boxes)}</div>')


def cells(rows: Rows, tiles: Sequence[Tile], below: Callable[[Tile, bytes], None]) -> None:
    """Show pictures in a grid, each with the elements that `below` adds for its tile and PNG."""
    with st.grid(min_column_width=_SIDE + _MARGIN):
        for tile, png in zip(tiles, pictures(rows.path, _numbers([tiles])), strict=True):
            with st.container(gap="xxsmall"):
                st.html(_figure(rows, tile, png))
                below(tile, png)


def paged(count: int, key: str, a_page: int = A_PAGE) -> slice:
    """Return which of `count` items to show, with a control to turn the page if there are several pages."""
    pages = -(-count // a_page)
    page = st.pagination(pages, key=key) if pages > 1 else 1
    return slice((page - 1) * a_page, page * a_page)


def described(rows: Rows, row: int) -> str:
    """Describe a row: `happy · training · row 12`."""
    return f"{FERPLUS8.labels[rows.labels[row]]} · {rows.splits[row]} · row {row}"


def _numbers(tiles: Iterable[Sequence[Tile]]) -> list[int]:
    return list(dict.fromkeys(tile.row for group in tiles for tile in group))


def _figure(rows: Rows, tile: Tile, png: bytes) -> str:
    title = html.escape(described(rows, tile.row))
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    lines = "".join(f"<div>{html.escape(line)}</div>" for line in tile.lines)
    return (
        f'<figure style="margin:0"><img src="{source}" alt="{title}" title="{title}" style="{_IMAGE}">'
        f'<figcaption style="{_TEXT}">{lines}</figcaption></figure>'
    )


def _flex(gap_rem: float) -> str:
    return f"display:flex;flex-wrap:wrap;align-items:flex-start;gap:{gap_rem}rem"
