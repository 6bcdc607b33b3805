"""Card: what a model folder says of itself, in `card.json`, checked on load."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .errors import ModelError
from .labels import LABEL_SETS

CARD_FILE = "card.json"
_LARGEST_CARD = 1_000_000  # bytes
_LARGEST_FILE = 2**30  # bytes
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("name", "recipe", "summary", "command", "created")
_SHOWN = ("n", "coverage", "accuracy", "accuracy_without_copies", "balanced_accuracy", "ece")  # with their interval
_FLAT = ("flat_accuracy", "flat_balanced_accuracy", "flat_ece")
_FIGURES = (*_SHOWN, "left_out", "macro_f1", "nll", "answered", "accuracy_answered", *_FLAT)
_INTERVALS = ("accuracy_interval", "ece_interval")
_TABLES = ("precision", "recall", "f1")  # by label
_NOTED = ("name", "sha256")
_MAPPINGS = ("feature", "outputs", "known_answer", "files", "metrics", "data", "settings", "versions")


@dataclass(frozen=True)
class Output:
    """One label set that a model answers in.

    Attributes:
        labels: In the order of the model's output.
        label_source: Whose labels it was taught.
        temperature: What its logits are divided by, fitted on PublicTest (Guo et al. 2017).
        unsure_below: Confidence under which it would rather not say.
    """

    labels: tuple[str, ...]
    label_source: str
    temperature: float = 1.0
    unsure_below: float = 0.0


@dataclass(frozen=True)
class Card:
    """Everything there is to know about an artifact.

    Attributes:
        name: Of the artifact, and of its folder.
        recipe: What it was made by.
        summary: One sentence.
        feature: Name and version of what it eats.
        outputs: By label set, the main one first.
        known_answer: Each output's probabilities for the probe (`artifacts.probe`).
        metrics: Figures of its Reports, by split.
        files: The sha256 and size in bytes of each file beside the card.
        data: What it was trained on.
        settings: Of the recipe.
        seed: Of the training.
        versions: Of the libraries that made it.
        command: That makes it again.
        created: ISO date.
    """

    name: str
    recipe: str
    summary: str
    feature: Mapping[str, Any]
    outputs: Mapping[str, Output]
    known_answer: Mapping[str, list[float]]
    files: Mapping[str, Mapping[str, Any]]
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    created: str = ""

    def save(self, folder: Path) -> None:
        """Write `card.json`, whole or not at all."""
        partial = folder / f".{CARD_FILE}.partial"
        partial.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        partial.replace(folder / CARD_FILE)

    @classmethod
    def load(cls, folder: Path) -> Card:
        """Read and check the card of a model folder.

        Raises:
            ModelError: there is none, it is damaged, or it does not fit this version of Mien.
        """
        path = folder / CARD_FILE
        try:
            fields = json.loads(_card_text(path), parse_constant=_no_number)
            card = cls(**fields | {"outputs": {key: _output(key, value) for key, value in fields["outputs"].items()}})
        except FileNotFoundError:
            raise ModelError(f"{folder}: no {CARD_FILE} in it; it is not a model folder") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            reason = " ".join(str(error).split())  # which may quote the card
            raise ModelError(f"{path}: not a readable card ({reason:.200}); restore or delete the folder") from None
        card._check(folder)
        return card

    def _check(self, folder: Path) -> None:
        def refuse(reason: str) -> ModelError:
            return ModelError(f"{folder / CARD_FILE}: {reason}; restore or delete the folder")

        if self.name != folder.name:
            raise refuse(f"the card is of {self.name!r:.80}, not of this folder")
        for field_name in _TEXTS:
            if not isinstance(getattr(self, field_name), str):
                raise refuse(f"{field_name!r} is no text")
        for field_name in _MAPPINGS:
            if not isinstance(getattr(self, field_name), dict):
                raise refuse(f"{field_name!r} is not a table of names and values")
        if not self.outputs or not self.files:
            raise refuse("the card names no outputs or no files")
        if not all(_FILE_NAME.fullmatch(name) for name in self.files):
            raise refuse("a file's name in the card is not a plain one")
        if not all(map(_is_file_entry, self.files.values())):
            raise refuse("a file's sha256 or size in the card is none")
        if not all(map(_are_figures, self.metrics.values())):
            raise refuse("the metrics are not a table of figures for each split")
        if not all(map(_is_file_note, (self.data.get("source"), self.data.get("pretrained")))):
            raise refuse("a file that it came from has no name, or a sha256 that is none")
        priors = self.data.get("priors", {})
        if not isinstance(priors, dict) or not all(
            name in self.outputs and _are_numbers(values, len(self.outputs[name].labels))
            for table in (self.known_answer, priors)
            for name, values in table.items()
        ):
            raise refuse("the known answer or the priors are not one number for each label")
        if not isinstance(self.feature.get("name"), str):
            raise refuse("the feature has no name")


def is_own_file(path: Path) -> bool:
    """Whether a file of a model folder is one: no pipe that never ends, and no link to what lies elsewhere."""
    return path.is_file() and path.resolve().parent == path.parent.resolve()


def _card_text(path: Path) -> str:
    if not path.exists() and not path.is_symlink():
        raise FileNotFoundError(path)
    if not is_own_file(path):
        raise ValueError("it is not a file in this folder")
    with open(path, "rb") as file:
        content = file.read(_LARGEST_CARD + 1)
    if len(content) > _LARGEST_CARD:
        raise ModelError(f"{path}: too large for a card; the folder is damaged, restore or delete it")
    return content.decode()


def _output(name: str, fields: Mapping[str, Any]) -> Output:
    output = Output(**fields | {"labels": tuple(fields["labels"])})
    if name not in LABEL_SETS or output.labels != LABEL_SETS[name].labels:
        raise ValueError(f"its labels are not those of {name!r}")
    bar, temperature = output.unsure_below, output.temperature
    if not _are_numbers([temperature, bar], 2) or not 0.01 < temperature < 100 or not 0 <= bar <= 1:
        raise ValueError(f"the temperature or the unsure bar of {name!r} is out of range")
    if not isinstance(output.label_source, str):
        raise ValueError(f"the label source of {name!r} is no text")
    return output


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _are_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        and all(-1e300 < value < 1e300 for value in values)  # of any size: isfinite cannot take an int of 400 digits
    )


def _are_figures(figures: Any) -> bool:
    """Whether the figures of one split are such as can be shown: what is not there is not shown."""
    if not isinstance(figures, dict):
        return False
    tables = [figures[name] for name in _TABLES if name in figures]
    if not all(isinstance(table, dict) and table.keys() == tables[0].keys() for table in tables):
        return False
    copies = figures.get("copies") or {}
    numbers = [figures[name] for name in _FIGURES if figures.get(name) is not None]
    numbers += [value for table in tables for value in table.values()]
    numbers += copies.values() if isinstance(copies, dict) else [copies]
    is_whole = "accuracy_interval" not in figures or figures.keys() >= set(_SHOWN)
    intervals = [figures[name] for name in _INTERVALS if figures.get(name) is not None]
    return is_whole and _are_numbers(numbers, len(numbers)) and all(_are_numbers(each, 2) for each in intervals)


def _is_file_note(entry: Any) -> bool:
    return entry is None or (
        isinstance(entry, dict) and "name" in entry and all(isinstance(entry.get(key, ""), str) for key in _NOTED)
    )


def _is_file_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("sha256"), str)
        and _SHA256.fullmatch(entry["sha256"]) is not None
        and type(entry.get("bytes")) is int
        and 0 <= entry["bytes"] <= _LARGEST_FILE
    )


def file_entry(path: Path) -> dict[str, Any]:
    """A file's sha256 and size, as a card lists them."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
