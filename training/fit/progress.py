"""How far a fit is: a bar within each epoch where somebody watches, and a line after it with the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

_A_LINE_EVERY = 60.0  # seconds, where there is no bar


class Progress:
    """Tells how far a fit is.

    Args:
        say: Takes lines.
        epochs: Of the whole fit.
        steps: Batches in an epoch.
    """

    def __init__(self, say: Callable[[str], None], epochs: int, steps: int):
        self._say, self._epochs, self._steps = say, epochs, steps

    @contextmanager
    def epoch(self, number: int) -> Iterator[Callable[[], None]]:
        """What is to be called after each batch of this epoch."""
        title = f"epoch {number}/{self._epochs}"
        if (bar := _bar(title, self._steps)) is not None:
            with bar:
                yield bar.update
            return
        done, began = 0, time.monotonic()
        told = began

        def step() -> None:
            nonlocal done, told
            done, now = done + 1, time.monotonic()
            if now - told >= _A_LINE_EVERY:
                told = now
                self._say(f"{title}  {done / self._steps:.0%}, {_span((now - began) * (self._steps / done - 1))} left")

        yield step

    def report(self, row: dict) -> None:
        """A line with the figures of an epoch that is over."""
        figures = [f"{name} {row[name]:.4f}" for name in ("loss", "val_loss", "val_accuracy")]
        left = (self._epochs - row["epoch"]) * row["seconds"]
        figures += [f"{row['seconds']:.0f} s"] + [f"{_span(left)} left"] * (left > 0)
        self._say("  ".join([f"epoch {row['epoch']}/{self._epochs}", *figures]))


def _bar(title: str, total: int):
    """A bar on a terminal, gone when the epoch is; None where there is no terminal or no tqdm."""
    if not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm
    except ImportError:  # a machine that only fits
        return None
    return tqdm(total=total, desc=title, unit=" batches", leave=False)


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def peak_memory() -> int | None:
    """The most memory that this process has held at one time so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6)
