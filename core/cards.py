"""Card: what a model folder says about its model in `card.json`, checked when it is loaded."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePath
from typing import Any

from .errors import ModelError
from .labels import LABEL_SETS
from .runtime.files import write_whole

CARD_FILE = "card.json"
FER2013 = "FER2013"
"""Title of the dataset whose words for its splits are its own."""

_SPLITS = {"training": "Training", "public-test": "PublicTest", "private-test": "PrivateTest"}
_LARGEST_CARD = 1_000_000  # bytes
_LARGEST_FILE = 2**30  # bytes
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

# Figures of one split that pages show: those that come with an interval, all, the intervals, and those by label.
_WITH_INTERVAL = ("n", "coverage", "accuracy", "accuracy_without_copies", "balanced_accuracy", "ece")
_FIGURES = (
    *_WITH_INTERVAL,
    *("left_out", "macro_f1", "nll", "answered", "accuracy_answered"),
    *("flat_accuracy", "flat_balanced_accuracy", "flat_ece"),
)
_INTERVALS = ("accuracy_interval", "ece_interval")
_BY_LABEL = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Output:
    """One label set that a model answers in.

    Attributes:
        labels: Labels in the order of the model's output.
        label_source: Name or description of the labels that the model was trained on.
        temperature: Divisor of the model's logits, fitted on the split public-test (Guo et al. 2017).
        unsure_below: Confidence, 0 to 1, below which an answer counts as unsure.
    """

    labels: tuple[str, ...]
    label_source: str
    temperature: float = 1.0
    unsure_below: float = 0.0


@dataclass(frozen=True)
class Card:
    """Everything that a model folder says about its model.

    Attributes:
        name: Name of the model and of its folder.
        recipe: Name of the recipe that made it.
        summary: One sentence about it.
        feature: Identity of the feature that the model reads; see `Feature.identity`.
        outputs: Outputs by the name of their label set, the main one first.
        known_answer: Probabilities that the model gives for the feature's probe, by label set; see
            `Artifact.known_answer`.
        files: Sha256 and size in bytes of each file beside the card, by name; see `file_entry`.
        metrics: Figures of the model's Reports, by split.
        data: Dataset, labels' frequencies and other models' files that the model was made from.
        settings: Settings of the recipe.
        seed: Seed of the training.
        versions: Versions of the libraries that made the model.
        command: Command line that makes the model again.
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
        """Write `card.json` into a folder, whole or not at all.

        Raises:
            OSError: The file cannot be written.
        """
        write_whole(folder / CARD_FILE, json.dumps(asdict(self), indent=2) + "\n")

    def measured_on(self, key: str) -> str:
        """Title of the dataset that the Report of this name in `metrics` is about; empty where nothing tells."""
        named = (self.metrics.get(key, {}).get("dataset"), self.data.get("calibrated_on"), self.data.get("name"))
        return dataset_title(next(filter(None, named), ""))

    @property
    def main_sha256(self) -> str:
        """The sha256 of the model's main file, by which it is told from others of its name; empty without a file."""
        return next((entry["sha256"] for entry in self.files.values()), "")

    def taught(self, label_set: str) -> tuple[str, ...]:
        """The labels that the model has learnt, in order: all of its output where the card does not tell.

        The frequencies that `data` lists as "priors" tell, 0 for a label without an example, or the "labels" of a model
        that was adopted from elsewhere.

        Args:
            label_set: Name of one of the outputs.
        """
        labels = self.outputs[label_set].labels
        known = dict(zip(labels, self.data.get("priors", {}).get(label_set, ()), strict=False))
        if not any(share > 0 for share in known.values()):
            named = self.data.get("labels")
            known = {label: label in named for label in labels} if isinstance(named, list) else {}
        return tuple(label for label in labels if known.get(label)) or labels

    @classmethod
    def load(cls, folder: Path) -> Card:
        """Read and check the card of a model folder.

        Raises:
            ModelError: The folder has no card, or the card is damaged or does not fit this version of Mien.
        """
        path = folder / CARD_FILE
        try:
            values = json.loads(_text(path), parse_constant=_refuse_constant)
            card = cls(**values | {"outputs": {name: _output(given) for name, given in values["outputs"].items()}})
            problem = next(card._problems(folder.name), None)
        except FileNotFoundError:
            raise ModelError(f"{folder}: no {CARD_FILE} in it; it is not a model folder") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            problem = f"not a readable card ({' '.join(str(error).split()):.200})"  # the error may quote the card
        if problem:
            raise ModelError(f"{path}: {problem}; restore or delete the folder")
        return card

    def _problems(self, folder_name: str) -> Iterator[str]:
        """What is wrong with the card; a value of another structure than expected may raise any error instead."""
        for one in fields(self):
            if not isinstance(getattr(self, one.name), {"str": str, "int": int}.get(one.type, dict)):
                yield f"{one.name!r} is not a {'text' if one.type == 'str' else 'table of names and values'}"
        if self.name != folder_name:
            yield f"the card is of {self.name!r:.80}, not of this folder"
        if not self.outputs or not self.files:
            yield "the card names no outputs or no files"
        for name, output in self.outputs.items():
            if name not in LABEL_SETS or output.labels != LABEL_SETS[name].labels:
                yield f"its labels are not those of {name!r:.80}"
            if not _are_numbers([output.temperature, output.unsure_below], 2):
                yield f"the temperature or the unsure bar of {name!r} is not a number"
            if not (0.01 < output.temperature < 100 and 0 <= output.unsure_below <= 1):
                yield f"the temperature or the unsure bar of {name!r} is out of range"
            if not isinstance(output.label_source, str):
                yield f"the label source of {name!r} is not a text"
        for name, entry in self.files.items():
            if not _FILE_NAME.fullmatch(name):
                yield "the name of a file in the card has other characters than letters, digits and . _ -"
            if not _SHA256.fullmatch(entry["sha256"]):
                yield f"the sha256 of {name} is not one"
            if type(entry["bytes"]) is not int or not 0 <= entry["bytes"] <= _LARGEST_FILE:
                yield f"the size of {name} is not one"
        for origin in filter(None, map(self.data.get, ("source", "pretrained"))):
            noted = (origin["name"], *(origin.get(key, "") for key in ("sha256", "origin", "licence")))
            if not all(isinstance(value, str) for value in noted):
                yield "a file that the model came from has no name, or something else about it is not a text"
        for table in (self.known_answer, self.data.get("priors", {})):
            if not all(_are_numbers(values, len(self.outputs[name].labels)) for name, values in table.items()):
                yield "the known answer or the priors are not one number for each label"
        named = [self.data.get(key, "") for key in ("name", "calibrated_on")]
        if not all(isinstance(name, str) for name in named):
            yield "the name of a dataset is not a text"
        if not all(map(_can_be_shown, self.metrics.values())):
            yield "the metrics are not figures for each split"
        if not isinstance(self.feature["name"], str):
            yield "the feature has no name"


def dataset_title(file: str) -> str:
    """What a dataset is called: the name of its file without the suffix, and FER2013 as people spell it.

    Examples:
        >>> dataset_title("fer2013.parquet"), dataset_title("my-faces.parquet")
        ('FER2013', 'my-faces')
    """
    title = PurePath(file).stem
    return FER2013 if title.lower() == FER2013.lower() else title


def split_title(split: str, dataset: str) -> str:
    """What a split is called in a dataset of this title: FER2013 has spellings of its own.

    Args:
        split: Name of the split, with dashes or with the underscores of `Card.metrics`; more may follow.
        dataset: Title of the dataset.

    Examples:
        >>> split_title("private_test", "FER2013"), split_title("private_test_ferplus8", "my-faces")
        ('PrivateTest', 'private-test ferplus8')
    """
    name = split.replace("_", "-")
    for own, spelt in _SPLITS.items():
        if name.startswith(own):
            return f"{spelt if dataset == FER2013 else own} {name.removeprefix(own).strip('-')}".strip()
    return name


def is_own_file(path: Path) -> bool:
    """Whether a path is a file of its own folder: no pipe that never ends, and no link to a file elsewhere."""
    return path.is_file() and path.resolve().parent == path.parent.resolve()


def file_entry(path: Path) -> dict[str, Any]:
    """A file's sha256 and size in bytes, as a card lists them.

    Raises:
        OSError: The file cannot be read.
    """
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _text(path: Path) -> str:
    if not path.exists() and not path.is_symlink():
        raise FileNotFoundError(path)
    if not is_own_file(path):
        raise ValueError("it is not a file in this folder")
    with open(path, "rb") as file:
        content = file.read(_LARGEST_CARD + 1)
    if len(content) > _LARGEST_CARD:
        raise ValueError("it is too large for a card")
    return content.decode()


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _output(values: Mapping[str, Any]) -> Output:
    return Output(**values | {"labels": tuple(values["labels"])})


def _are_numbers(values: Any, count: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        and all(-1e300 < value < 1e300 for value in values)  # math.isfinite fails for an int of 400 digits
    )


def _can_be_shown(figures: Mapping[str, Any]) -> bool:
    """Whether a page can show the figures of one split, of which any may be missing."""
    tables = [figures[name] for name in _BY_LABEL if name in figures]
    copies = figures.get("copies") or {}
    numbers = [figures[name] for name in _FIGURES if figures.get(name) is not None]
    numbers += [value for table in tables for value in table.values()]
    numbers += copies.values() if isinstance(copies, dict) else [copies]
    return (
        _are_numbers(numbers, len(numbers))
        and isinstance(figures.get("dataset", ""), str)
        and all(table.keys() == tables[0].keys() for table in tables)
        and all(_are_numbers(figures[name], 2) for name in _INTERVALS if figures.get(name) is not None)
        and ("accuracy_interval" not in figures or figures.keys() >= set(_WITH_INTERVAL))
    )
