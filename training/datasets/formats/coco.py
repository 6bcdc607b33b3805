"""Detection sets of COCO: one JSON file with the lists images, annotations and categories."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.datasets.incoming.layout import Box, Format, Hints, Layout, Picture
from training.datasets.incoming.tabular import read_json
from training.datasets.incoming.tree import Tree, split_in, split_of_file
from training.datasets.untrusted import PACKED_DAMAGE, open_text
from training.errors import DatasetError

_LISTS = ("images", "annotations", "categories")


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read the boxes of all files of annotations, each beside its pictures or in a folder of its own."""
    files = [path for path in tree.tables if path.suffix.lower() == ".json" and _may_be_coco(path)]
    contents = {path: content for path in files if (content := _content(path))}
    if not contents:
        return None
    pictures: list[Picture] = []
    lost: list[tuple[str, str]] = []
    for path, content in contents.items():
        _read(tree, path, content, pictures, lost)
    if not pictures:
        raise DatasetError(f"{next(iter(contents))}: none of the faces that it marks is on a picture that is here")
    return Layout("detection labels of COCO, a crop for each box", pictures, used=frozenset(contents), lost=tuple(lost))


def _may_be_coco(path: Path) -> bool:
    try:
        with open_text(path) as file:
            start = file.read(2**16)
    except (*PACKED_DAMAGE, UnicodeError, DatasetError):
        return False
    return start.lstrip().startswith("{") and any(f'"{name}"' in start for name in _LISTS)


def _content(path: Path) -> Mapping[str, list[dict]] | None:
    content = read_json(path)
    lists = [content.get(name) for name in _LISTS] if isinstance(content, dict) else [None]
    is_coco = all(isinstance(each, list) and all(isinstance(record, dict) for record in each) for each in lists)
    return content if is_coco else None


def _read(tree: Tree, table: Path, content: Mapping[str, list[dict]], pictures: list, lost: list) -> None:
    names = {_key(record.get("id")): str(record.get("name"))[:200] for record in content["categories"]}
    images = {_key(record.get("id")): str(record.get("file_name"))[:1000] for record in content["images"]}
    split, marked = split_of_file(table.name), set()
    places = {name: tree.find(name, table) for name in dict.fromkeys(images.values())}
    for record in content["annotations"]:
        image, box = images.get(_key(record.get("image_id")), ""), _box(record.get("bbox"))
        path, label = places.get(image), names.get(_key(record.get("category_id")))
        if path is None or box is None or label is None:
            missing = "box" if box is None else "class" if label is None else None
            lost.append(
                (image, f"an annotation without a {missing}" if missing else f"named in {table.name}, not there")
            )
            continue
        marked.add(image)
        name = tree.name_of(path)
        pictures.append(Picture(name, label, path, split_in(name) or split, box=box))
    lost += [(name, f"{table.name} marks no face") for name in images.values() if name not in marked and places[name]]


def _key(value: Any) -> str:
    return str(value)[:100] if isinstance(value, str | int | float) else ""


def _box(value: Any) -> Box | None:
    try:
        left, top, width, height = map(float, value)
    except (TypeError, ValueError, OverflowError):
        return None
    return Box(left, top, width, height)


FORMAT = Format("COCO", "a .json with images, annotations and categories, and the pictures; boxes become crops", read)
