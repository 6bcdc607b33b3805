"""AffectNet, as its makers give it out: images/ and annotations/ with a small NumPy file for each picture."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from training.datasets.incoming.classes import NUMBERS
from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_in
from training.files import DAMAGE

_LABEL = "_exp.npy"
_OTHERS = ("_val.npy", "_aro.npy", "_lnd.npy")  # valence, arousal, landmarks


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read `train_set/` and `val_set/`, or one of them."""
    labels = {path.name.removesuffix(_LABEL): [] for path in tree.others if path.name.endswith(_LABEL)}
    if not labels:
        return None
    for path in tree.others:
        if path.name.endswith(_LABEL):
            labels[path.name.removesuffix(_LABEL)].append(path)
    pictures: list[Picture] = []
    lost: list[tuple[str, str]] = []
    for path in tree.pictures:
        name = tree.name_of(path)
        beside = [label for label in labels.get(path.stem, ()) if label.parent.parent == path.parent.parent]
        if not beside:
            lost.append((name, f"there is no annotations/{path.stem}{_LABEL}"))
        elif (label := _label(beside[0])) is None:
            lost.append((name, f"{beside[0].name} is damaged"))
        else:
            pictures.append(Picture(name, label, path, split_in(name)))
    used = frozenset(path for path in tree.others if path.name.endswith((_LABEL, *_OTHERS)))
    return Layout("AffectNet", pictures, NUMBERS["affectnet"], used, tuple(lost))


def _label(path: Path) -> str | None:
    """Read an array of one number or text; None if the file is damaged."""
    try:
        if path.stat().st_size > 10_000:
            return None
        value = np.load(path, allow_pickle=False)
        text = str(value.item())[:80]
        return text if all(ord(letter) <= sys.maxunicode for letter in text) else None  # NumPy does not check it
    except (*DAMAGE, SystemError):
        return None


FORMAT = Format("AffectNet", "train_set/images/0.jpg with train_set/annotations/0_exp.npy, and val_set/ likewise", read)
