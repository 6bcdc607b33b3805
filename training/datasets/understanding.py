"""From what a format's reader found to labels, people and splits, and the sentences that say what was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.labels import FERPLUS8, UnknownLabelError
from training.datasets.incoming.classes import LEFT_OUT, NUMBERS, Classes, number_of, plain
from training.datasets.incoming.layout import Hints, Layout, Picture
from training.datasets.incoming.persons import person_by, told_by_name
from training.datasets.sample import SPLITS
from training.datasets.splitting import complete_splits
from training.errors import DatasetError

_MOST_NAMED = 12


@dataclass(frozen=True)
class Understood:
    """A source of which every picture has a label and a split.

    Attributes:
        pictures: Pictures with a split and, where it is known, a person.
        labels: Index into `FERPLUS8` of each picture.
        sentences: Lines for the user to check, about format, classes and splits.
        left_out: Name and reason of each picture whose class is left out.
    """

    pictures: Sequence[Picture]
    labels: Sequence[int]
    sentences: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def understand(layout: Layout, hints: Hints, shares: Sequence[float], seed: int, where: str) -> Understood:
    """Give every picture a label, a split and, if anything tells, a person.

    A class that is no known expression is left out as long as it has fewer pictures than the known ones.

    Args:
        layout: Findings of the format's reader.
        hints: Statements of the user about the source.
        shares: Shares of the splits for pictures whose split the source does not tell.
        seed: The same seed gives the same splits.
        where: The source, for messages.

    Raises:
        DatasetError: Most pictures are of unknown classes; the message names them and the option that says what they
            are. Or the user leaves out all pictures.
    """
    counts = Counter(picture.label for picture in layout.pictures)
    meant, unknown = _meanings(counts, hints.classes, layout.numbers)
    named = {name: layout.numbers.get(number_of(name), name) for name in counts}
    known = sum(counts[name] for name, label in meant.items() if label is not None)
    if unknown and sum(counts[name] for name in unknown) >= known:
        raise _unknown_classes(where, {named[name]: counts[name] for name in unknown})
    kept = [picture for picture in layout.pictures if meant.get(picture.label) is not None]
    if not kept:
        raise DatasetError(f"{where}: --classes leaves out all of its {len(layout.pictures):,} pictures")
    labels = [meant[picture.label] for picture in kept]
    kept, people = _with_people(kept, hints)
    splits = complete_splits(
        labels, [picture.split for picture in kept], [picture.person for picture in kept], shares, seed
    )
    sentences = (
        _classes_sentence(counts, meant),
        _splits_sentence([picture.split for picture in kept], splits),
        *people,
        *_parted(kept),
        *_unused(hints.classes, named, meant),
        *_left_out_sentences(
            {named[name]: counts[name] for name, label in meant.items() if label is None},
            {named[name]: counts[name] for name in unknown},
        ),
    )
    left_out = tuple(
        (picture.name, f"of the class {named[picture.label]}, which is left out")
        for picture in layout.pictures
        if meant.get(picture.label) is None
    )
    return Understood(
        [replace(picture, split=split) for picture, split in zip(kept, splits, strict=True)],
        labels,
        sentences,
        left_out,
    )


def _meanings(
    names: Mapping[str, int], classes: Classes, numbers: Mapping[str, str]
) -> tuple[dict[str, int | None], list[str]]:
    """Find the label of each class (None if the user leaves it out), and the classes that nothing is known of."""
    meant, unknown = {}, []
    for name in names:
        try:
            meant[name] = classes.label_of(name, numbers)
        except UnknownLabelError:
            unknown.append(name)
    return meant, unknown


def _unknown_classes(where: str, counts: Mapping[str, int]) -> DatasetError:
    names = list(counts)[:_MOST_NAMED]
    listed = ", ".join(f"{name!r} ({counts[name]:,})" for name in names) + (", …" if len(counts) > len(names) else "")
    plural = "s" if len(counts) > 1 else ""
    if all(name.replace(".", "").isdigit() for name in names):
        advice = (
            "numbers mean other classes in every dataset: name whose they are with --classes "
            f"{' or '.join(NUMBERS)}, or say it with --classes {names[0]}=EXPRESSION,…"
        )
    else:
        advice = (
            f"say what is meant with --classes {names[0]}=EXPRESSION, or leave it out with --classes "
            f"{names[0]}={LEFT_OUT}"
        )
    known = ", ".join(FERPLUS8.labels)
    return DatasetError(
        f"{where}: unknown expression{plural} {listed}; {advice}; known are: {known}, in many languages"
    )


def unknown_folders(where: str, names: Sequence[str]) -> DatasetError:
    """Return the error about folders of pictures of which none is named after an expression."""
    return _unknown_classes(where, Counter(names))


def _with_people(pictures: list[Picture], hints: Hints) -> tuple[list[Picture], list[str]]:
    """Find who is shown: by the user's pattern, else by a known scheme of file names, else by folders."""
    result, ways = [], Counter()
    for picture in pictures:
        if hints.person:
            person, way = person_by(hints.person, picture.name), "--person"
        elif told := told_by_name(picture.name):
            person, way = f"{told.scheme}-{told.person}", f"the file names of {told.scheme}"
        else:
            person, way = picture.person, "the source"
        result.append(replace(picture, person=person))
        ways[way if person else ""] += 1
    known = len({picture.person for picture in result} - {None})
    without = ways.pop("", 0)
    if not known and not hints.person:
        return result, []
    rest = f"; unknown on {without:,} pictures" if without else ""
    return result, [f"people: {known:,}, by {' and '.join(ways) or '--person'}{rest}"]


def _parted(pictures: Sequence[Picture]) -> list[str]:
    homes: dict[str, set[str]] = {}
    for picture in pictures:
        if picture.person and picture.split:
            homes.setdefault(picture.person, set()).add(picture.split)
    parted = sum(len(splits) > 1 for splits in homes.values())
    return [f"caution: {parted:,} people are in more than one of the source's own splits"] if parted else []


def _classes_sentence(counts: Mapping[str, int], meant: Mapping[str, int | None]) -> str:
    parts = []
    for index, label in enumerate(FERPLUS8.labels):
        names = [name for name, other in meant.items() if other == index]
        if names:
            written = [name for name in names if name.lower() != label]
            source = f" (from {', '.join(written[:4])}{', …' if len(written) > 4 else ''})" if written else ""
            parts.append(f"{label} {sum(counts[name] for name in names):,}{source}")
    return f"classes: {', '.join(parts)}"


def _splits_sentence(own: Sequence[str | None], splits: Sequence[str]) -> str:
    counts = Counter(splits)
    listed = ", ".join(f"{split} {counts[split]:,}" for split in SPLITS if counts[split])
    given = sum(split is not None for split in own)
    if given < len(own):
        return f"splits: {listed}" + (f"; the source tells that of {given:,} pictures" if given else "")
    taken = "; public-test is taken from its training" if any(a != b for a, b in zip(own, splits, strict=True)) else ""
    return f"splits: {listed}, as the source has them{taken}"


def _unused(classes: Classes, named: Mapping[str, str], meant: Mapping[str, int | None]) -> list[str]:
    """Say which classes a user speaks of that are not in the source: a slip of the pen, perhaps."""
    present = {plain(number_of(name)) for name in (*named, *named.values())}
    present |= {FERPLUS8.labels[label] for label in meant.values() if label is not None}
    own = {plain(name) for name in classes.stated if Classes().knows(name)}
    unused = [name for name in classes.stated if name not in present | own]
    return [f"--classes names {', '.join(unused)}, which is no class here"] if unused else []


def _left_out_sentences(stated: Mapping[str, int], unknown: Mapping[str, int]) -> list[str]:
    def listed(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{count:,} of {name}" for name, count in list(counts.items())[:_MOST_NAMED])

    sentences = [f"left out as --classes says: {listed(stated)}"] if stated else []
    if unknown:
        sentences.append(
            f"left out, as no known expression: {listed(unknown)}; take them in with --classes "
            f"{next(iter(unknown))}=EXPRESSION"
        )
    return sentences
