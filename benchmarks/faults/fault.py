"""A thing that can go wrong, in words, with the tests that make it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that can go wrong.

    Attributes:
        title: Title of its group on the page.
        done: Sentence that says what is done.
        holds: Sentence that says what must hold all the same.
        tests: `FILE::FUNCTION` of each test that makes the fault.
    """

    title: str
    done: str
    holds: str
    tests: tuple[str, ...]
