"""Recording: the readings of a stream as rows, with the viewer's event markers; never a picture."""

import threading
from collections.abc import Sequence

from core.output.table import COLUMNS, Kind, Row, encode, frame_rows
from core.readings import Frame

MAX_ROWS = 60_000
"""Where a recording ends by itself: an hour of one face at 16 frames a second."""


class Recording:
    """Rows of one viewer, one for each face and frame, from a start to a stop. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._columns: Sequence[str] = COLUMNS
        self._rows: list[tuple] = []  # a dictionary for each would take three times the memory
        self._event: str | None = None
        self._files: dict[Kind, bytes] = {}
        self.running = False

    def __len__(self) -> int:
        return len(self._rows)

    def start(self, columns: Sequence[str]) -> None:
        """Begin anew, with the columns that `rows.columns_for` gives."""
        with self._lock:
            self._columns, self._rows, self._event, self.running = tuple(columns), [], None, True
            self._files = {}

    def stop(self) -> None:
        """Take no more rows; those there are can still be had."""
        with self._lock:
            self.running = False

    def clear(self) -> None:
        """Forget the rows."""
        with self._lock:
            self._rows, self._event, self.running = [], None, False
            self._files = {}

    def mark(self, event: str) -> None:
        """Write an event into the next row."""
        with self._lock:
            self._event = "; ".join(filter(None, (self._event, event)))

    def add(self, frame: Frame) -> None:
        """Take a frame's rows, if the recording runs."""
        with self._lock:
            if not self.running:
                return
            for row in frame_rows(frame, self._columns):
                if "event" in row:
                    row["event"], self._event = self._event, None
                self._rows.append(tuple(row.values()))
            self.running = len(self._rows) < MAX_ROWS

    def rows(self) -> list[Row]:
        """All rows so far."""
        with self._lock:
            return [dict(zip(self._columns, row, strict=True)) for row in self._rows]

    def file(self, kind: Kind) -> bytes:
        """All rows so far as the bytes of a file; of a recording that has ended they are made once."""
        if self.running:
            return encode(self.rows(), self._columns, kind)
        if kind not in self._files:
            self._files[kind] = encode(self.rows(), self._columns, kind)
        return self._files[kind]
