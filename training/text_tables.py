"""Tables of text, in Markdown or for a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Make a Markdown table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Make a table for a terminal: the first column flush left, the others flush right, two spaces between."""
    lines = [header, *rows]
    widths = [max(len(cells[column]) for cells in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            [first.ljust(widths[0]), *(c.rjust(width) for c, width in zip(rest, widths[1:], strict=True))]
        ).rstrip()
        for first, *rest in lines
    )
