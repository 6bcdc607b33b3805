"""Detection sets of YOLO: a text file of boxes for each picture, and `data.yaml` with the names of the classes."""

from __future__ import annotations

from pathlib import Path

import yaml

from training.datasets.incoming.layout import Box, Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_in
from training.datasets.untrusted import PACKED_DAMAGE, bounded_lines
from training.errors import DatasetError

_LISTS = ("classes.txt", "obj.names", "_darknet.labels", "labels.txt")
_MOST_YAML = 100_000  # characters


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read boxes, or outlines and their boxes, in `labels/` beside `images/` or beside the pictures themselves."""
    texts = {path for path in tree.others if path.suffix.lower() == ".txt" and path.name not in _LISTS}
    pairs = [(path, text) for path in tree.pictures if (text := _beside(path, texts))]
    pictures: list[Picture] = []
    lost: list[tuple[str, str]] = []
    for path, text in pairs:
        boxes = _boxes(text)
        name = tree.name_of(path)
        if boxes is None:
            if not pictures:
                return None  # text files beside pictures, but no boxes in them
            lost.append((name, f"{text.name} is no list of boxes"))
        elif not boxes:
            lost.append((name, f"{text.name} marks no face"))
        pictures += [Picture(name, label, path, split_in(name), box=box) for label, box in boxes or ()]
    if not pictures:
        return None
    names, lists = _names(tree)
    used = frozenset([*(text for _, text in pairs), *lists])
    return Layout("detection labels of YOLO, a crop for each box", pictures, names, used, tuple(lost))


def _beside(picture: Path, texts: set[Path]) -> Path | None:
    parts = list(picture.with_suffix(".txt").parts)
    places = [Path(*parts)]
    for position in range(len(parts) - 2, -1, -1):
        if parts[position].lower() == "images":
            places.append(Path(*parts[:position], "labels", *parts[position + 1 :]))
            break
    return next((place for place in places if place in texts), None)


def _boxes(path: Path) -> list[tuple[str, Box]] | None:
    """Read class and box of each line; None if the file holds anything else."""
    found = []
    try:
        for line in filter(str.strip, bounded_lines(path)):
            label, *fields = line.split()
            numbers = [float(each) for each in fields]
            if not label.isdecimal() or len(numbers) < 4:
                return None
            found.append((label, _box(numbers)))
    except (*PACKED_DAMAGE, UnicodeError, DatasetError):
        return None
    return found


def _box(numbers: list[float]) -> Box:
    """Make a box of its middle and size or, of more than four numbers, around the corners of an outline."""
    if len(numbers) < 6:
        x, y, width, height = numbers[:4]
        return Box(x - width / 2, y - height / 2, width, height, is_share=True)
    across, down = numbers[::2], numbers[1::2]
    return Box(min(across), min(down), max(across) - min(across), max(down) - min(down), is_share=True)


def _names(tree: Tree) -> tuple[dict[str, str], list[Path]]:
    """Read the names of the classes by number, and say in which files."""
    for path in tree.others:
        if path.suffix.lower() in (".yaml", ".yml") and (names := _names_in_yaml(path)):
            return names, [path]
    for path in tree.others:
        if path.name.lower() in _LISTS:
            lines = [line.strip() for line in bounded_lines(path)]
            return {str(number): name for number, name in enumerate(lines) if name}, [path]
    return {}, []


def _names_in_yaml(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            content = yaml.safe_load(file.read(_MOST_YAML))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, yaml.YAMLError):
        return {}
    names = content.get("names") if isinstance(content, dict) else None
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    return {
        str(number): str(name)
        for number, name in pairs
        if isinstance(name, str | int) and isinstance(number, str | int)
    }


FORMAT = Format(
    "YOLO", "images/0.jpg with labels/0.txt (class and box in each line) and data.yaml; boxes become crops", read
)
