"""Provenance: what made a file of readings, kept in the file itself or in a small one beside it."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from ..cards import Card
from ..runtime.files import write_whole
from ..runtime.paths import INSTALLED

KEY = "mien"
"""Under this name a Parquet file's metadata, a workbook's second sheet, and a picture's text hold the facts."""

_PANDAS = b"PANDAS_ATTRS"  # which pandas reads back as the attribute `attrs` of a table


@dataclass(frozen=True)
class Provenance:
    """What made some readings: what one needs to make them again, or to tell two files apart.

    Attributes:
        model: Name of the model.
        model_sha256: Sha256 of the model's main file.
        mien: Version of Mien.
        label_sets: Names of the label sets that the model answers in, the main one first.
        search: How faces were searched for; see `core.faces.finder.Search`.
        baseline: Person whose neutral face was taken off, in words; None where no face was.
        prior: How common expressions count as: "as in training", or "all equal".
        smoothing_s: Time constant of the smoothed probabilities, in seconds; None for single pictures.
        clip: Name of the clip, distance between two pictures that were read (1 for all), and begin and end of the part
            that was read, in seconds; None where no clip was read.
        made: Date and time at which the reading began, with the time zone, in ISO 8601.
        changes: Changes of settings while a stream ran: the time on its clock in seconds, and the new values.
    """

    model: str
    model_sha256: str
    mien: str
    label_sets: tuple[str, ...]
    search: str
    baseline: str | None = None
    prior: str = "as in training"
    smoothing_s: float | None = None
    clip: Mapping[str, Any] | None = None
    made: str = field(default_factory=lambda: datetime.now().astimezone().isoformat(timespec="seconds"))
    changes: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, card: Card, search: str, *, flat_prior: bool = False, **settings: Any) -> Provenance:
        """The provenance of what a model reads from now on.

        Args:
            card: The model's card.
            search: How faces are searched for.
            flat_prior: Whether every expression counts as equally common.
            **settings: `baseline`, `smoothing_s` and `clip`, where there are any.
        """
        prior = "all equal" if flat_prior else "as in training"
        return cls(card.name, card.main_sha256, version(), tuple(card.outputs), search, prior=prior, **settings)

    def facts(self) -> dict[str, Any]:
        """Everything as plain JSON types."""
        return json.loads(json.dumps(asdict(self)))

    def text(self) -> str:
        """Everything as indented JSON, with a line end."""
        return json.dumps(self.facts(), indent=2, ensure_ascii=False) + "\n"

    def then(self, later: Provenance, time_s: float) -> Provenance:
        """The provenance of a stream that goes on with other settings.

        Args:
            later: Provenance of the readings from now on.
            time_s: Time on the stream's clock, in seconds.

        Examples:
            >>> slow = Provenance("flagship", "", "0.1.0", ("fer7",), "quick", smoothing_s=2.0)
            >>> slow.then(replace(slow, smoothing_s=0.5), 12.0).changes
            ({'time_s': 12.0, 'smoothing_s': 0.5},)
        """
        known = self.facts()
        for change in self.changes:
            known |= change
        new = {name: value for name, value in later.facts().items() if name not in ("made", "changes")}
        changed = {name: value for name, value in new.items() if known[name] != value}
        return replace(self, changes=(*self.changes, {"time_s": round(time_s, 3), **changed})) if changed else self

    def __str__(self) -> str:
        """One line for people.

        Examples:
            >>> print(Provenance("flagship", "f8c0f1d6baa3" + 52 * "0", "0.1.0", ("fer7",), "thorough"))
            Read by flagship (f8c0f1d6baa3) with Mien 0.1.0: search thorough, prior as in training, no baseline
        """
        told = [f"search {self.search}", f"prior {self.prior}"]
        told += [] if self.smoothing_s is None else [f"smoothing {self.smoothing_s:g} s"]
        told += [f"baseline {self.baseline}" if self.baseline else "no baseline"]
        changed = f"; changed {len(self.changes)} times on the way" if self.changes else ""
        return f"Read by {self.model} ({self.model_sha256[:12]}) with Mien {self.mien}: {', '.join(told)}{changed}"

    def parquet_metadata(self) -> dict[bytes, bytes]:
        """The metadata of a Parquet file: the facts as JSON under `KEY`, and once more where pandas finds them.

        `pandas.read_parquet(path).attrs["mien"]` is a dictionary of them.
        """
        facts = self.facts()
        return {KEY.encode(): json.dumps(facts).encode(), _PANDAS: json.dumps({KEY: facts}).encode()}

    def write_beside(self, path: Path) -> None:
        """Write the facts into a JSON file beside a table in whose format there is no room for them.

        Raises:
            OSError: The file cannot be written.
        """
        write_whole(beside(path), self.text())


def facts_in(parquet_metadata: Mapping[bytes, bytes] | None) -> dict[str, Any] | None:
    """The facts that a Parquet file's metadata holds; None where there are none."""
    found = (parquet_metadata or {}).get(KEY.encode())
    return json.loads(found) if found else None


def beside(path: Path) -> Path:
    """Path of the JSON file that says what made a csv or JSON Lines table.

    Examples:
        >>> print(beside(Path("faces.csv")))
        faces.csv.provenance.json
    """
    return path.with_name(f"{path.name}.provenance.json")


@functools.cache
def version() -> str:
    """Version of Mien, of the installed package or of this checkout."""
    if INSTALLED:
        return metadata.version("mien")
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return tomllib.loads(project.read_text())["project"]["version"] if project.is_file() else "unknown"
