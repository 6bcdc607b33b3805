"""The recording of a stream: its readings as rows, with the viewer's event markers, and never a picture."""

import threading
from array import array
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.output.provenance import Provenance
from core.output.table import COLUMNS, Kind, Row, encode, frame_rows
from core.readings import Frame

MAX_ROWS = 60_000
"""Length at which a recording stops by itself: an hour of one face at 16 frames a second."""


class Recording:
    """The rows of one viewer, one for each face and frame, from start to stop. Any thread may use it.

    Attributes:
        running: Whether rows are taken.
        made_by: Provenance of the rows, with the changes of settings on the way; None before the first row.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget(COLUMNS)

    def _forget(self, columns: Sequence[str], running: bool = False) -> None:
        self._columns: Sequence[str] = tuple(columns)
        self._rows: list[tuple] = []  # dictionaries would take three times the memory
        self._event: str | None = None  # waits for a row
        self._times = array("d")
        self._marks: list[tuple[float | None, str]] = []
        self._files: dict[Kind, bytes] = {}
        self._table: pd.DataFrame | None = None
        self.made_by: Provenance | None = None
        self.running = running

    def __len__(self) -> int:
        return len(self._rows)

    def start(self, columns: Sequence[str]) -> None:
        """Start a new recording with these columns (see `core.output.table.columns_for`); earlier rows are dropped."""
        with self._lock:
            self._forget(columns, running=True)

    def stop(self) -> None:
        """Take no more rows; the ones so far stay available."""
        with self._lock:
            self.running = False

    def clear(self) -> None:
        """Stop and drop the rows."""
        with self._lock:
            self._forget(self._columns)

    def mark(self, event: str) -> None:
        """Write an event into the next row."""
        with self._lock:
            self._event = "; ".join(filter(None, (self._event, event)))
            self._marks.append((None, event))

    def marks(self) -> list[tuple[float | None, str]]:
        """The events so far, each with the time of the next frame in seconds; None for one that still waits for it."""
        with self._lock:
            return list(self._marks)

    def times_s(self) -> np.ndarray:
        """The times of all frames so far, those without a face too: float64 (N,), in seconds."""
        with self._lock:
            return np.array(self._times)

    def add(self, frame: Frame, made_by: Provenance | None = None) -> None:
        """Add a row for each face of a frame, if the recording is running.

        Args:
            frame: The next frame of the stream.
            made_by: Provenance of the frame; where it differs from the last frame's, the time of the change is kept.
        """
        with self._lock:
            if not self.running:
                return
            if made_by:
                self.made_by = self.made_by.then(made_by, frame.time_s) if self.made_by else made_by
            self._times.append(round(frame.time_s, 6))  # as in the rows
            for place in reversed(range(len(self._marks))):
                if self._marks[place][0] is not None:
                    break
                self._marks[place] = (self._times[-1], self._marks[place][1])
            for row in frame_rows(frame, self._columns):
                if "event" in row:
                    row["event"], self._event = self._event, None
                self._rows.append(tuple(row.values()))
            self.running = len(self._rows) < MAX_ROWS

    def rows(self) -> list[Row]:
        """Return all rows so far."""
        with self._lock:
            return [dict(zip(self._columns, row, strict=True)) for row in self._rows]

    def table(self) -> pd.DataFrame:
        """Return all rows so far as a table, made only once after the recording has ended."""
        with self._lock:
            if self.running or self._table is None:
                self._table = pd.DataFrame(self._rows, columns=list(self._columns))
            return self._table

    def file(self, kind: Kind) -> bytes:
        """Return all rows so far as the bytes of a file, encoded only once after the recording has ended."""
        if self.running:
            return encode(self.rows(), self._columns, kind, self.made_by)
        if kind not in self._files:
            self._files[kind] = encode(self.rows(), self._columns, kind, self.made_by)
        return self._files[kind]
