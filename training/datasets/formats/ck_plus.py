"""CK+ as its makers give it out: sequences from neutral to the peak, and a file with the emotion of each sequence."""

from __future__ import annotations

from pathlib import Path

from training.datasets.incoming.classes import NUMBERS, number_of
from training.datasets.incoming.layout import Format, Hints, Layout, Picture
from training.datasets.incoming.persons import told_by_name
from training.datasets.incoming.tree import Tree

_LABEL = "_emotion.txt"
_PEAK = 3  # last pictures of a sequence that show its emotion, as is usual since the first papers on CK+


def read(tree: Tree, hints: Hints) -> Layout | None:
    """Read the last three pictures of each labelled sequence with its emotion, and the first as neutral."""
    labels = {path.name[: -len("_00000000" + _LABEL)]: path for path in tree.others if path.name.endswith(_LABEL)}
    sequences: dict[str, list[Path]] = {}
    for path in tree.pictures:
        if (told := told_by_name(path.name)) and told.scheme == "CK+":
            sequences.setdefault(path.stem[: -len("_00000000")], []).append(path)
    pictures: list[Picture] = []
    for sequence in sorted(labels.keys() & sequences.keys()):
        label, paths = _label(labels[sequence]), sorted(sequences[sequence])
        taken = [(path, label) for path in paths[max(1, len(paths) - _PEAK) :]] if label else []
        person = f"CK+-{sequence.partition('_')[0]}"
        pictures += [
            Picture(tree.name_of(path), name, path, person=person) for path, name in [(paths[0], "neutral"), *taken]
        ]
    if not pictures:
        return None
    return Layout(
        "CK+ sequences: peaks, and first pictures as neutral", pictures, NUMBERS["ck+"], frozenset(labels.values())
    )


def _label(path: Path) -> str | None:
    """Read a number such as `3.0000000e+00`; None if the file is damaged or says 0."""
    try:
        number = str(int(float(path.read_text(encoding="ascii")[:100])))
    except (OSError, ValueError, OverflowError):
        return None
    return number_of(number) if number != "0" else None


FORMAT = Format("CK+", "cohn-kanade-images/S005/001/….png with Emotion/S005/001/…_emotion.txt", read)
