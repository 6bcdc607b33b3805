"""Several sources -> one row of samples: cropped, without copies across sources, and every loss counted."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.labels import FERPLUS8
from training.datasets.sample import Sample
from training.datasets.sources import Source
from training.datasets.writer import pixel_hash
from training.errors import DatasetError

CONTEMPT = FERPLUS8.index("contempt")


@dataclass
class Tally:
    """What became of the images.

    Attributes:
        kept: Rows yielded, by source.
        copies: Images left out because an earlier source has the same pixels.
        not_found: (source, name, label) of the rows in which no face was found; they are kept, and marked.
        contempt: Rows labelled "contempt", which a model of seven classes does not see.
    """

    kept: dict[str, int] = field(default_factory=dict)
    copies: int = 0
    not_found: list[tuple[str, str, str]] = field(default_factory=list)
    contempt: int = 0


def merged(sources: Sequence[Source], crop: Callable[[Sample], Sample], tally: Tally) -> Iterator[Sample]:
    """Yield the samples of all sources, one source after the other, as crops.

    An image whose pixels an earlier source has is left out; copies within one source stay as its makers left them, and
    `evaluate` counts those that cross its splits.

    Args:
        sources: With different names (`renamed` sees to that).
        crop: Makes a sample's image 48x48, or says that no face was found.
        tally: Filled on the way.

    Raises:
        DatasetError: a source is ill-formed, or none of its files can be read.
    """
    owners: dict[str, str] = {}
    for source in sources:
        tally.kept[source.name] = 0
        for sample in source.samples:
            cropped = crop(sample)
            if len(sources) > 1 and owners.setdefault(pixel_hash(cropped.image), source.name) != source.name:
                tally.copies += 1
                continue
            tally.kept[source.name] += 1
            tally.contempt += cropped.label == CONTEMPT
            if not cropped.found:
                tally.not_found.append((source.name, cropped.name, FERPLUS8.labels[cropped.label]))
            yield cropped
        if source.unreadable and len(source.unreadable) == source.count:
            raise DatasetError(
                f"{source.name}: none of its {source.count} files is a readable picture; "
                f"the first: {source.unreadable[0][1]}"
            )


def renamed(sources: Sequence[Source]) -> list[Source]:
    """The sources with a number after every name that an earlier one has."""
    result: list[Source] = []
    for source in sources:
        number, name = 1, source.name
        while name in {other.name for other in result}:
            number += 1
            name = f"{source.name}-{number}"
        result.append(source if number == 1 else replace(source, name=name, samples=_moved(source, name)))
    return result


def write_losses(path: Path, tally: Tally, sources: Sequence[Source]) -> int:
    """List in a csv every picture without a face and every file that cannot be read; return how many there are.

    Where there are none, there is no such file, not even an older one.

    Raises:
        DatasetError: it cannot be written.
    """
    rows = [(*row, "no face found: kept, and counted as an error") for row in tally.not_found]
    rows += [(source.name, name, "", f"left out: {why}") for source in sources for name, why in source.unreadable]
    partial = path.with_name(f".{path.name}.partial")
    try:
        if rows:
            with open(partial, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("source", "file", "label", "what"), *rows])
            partial.replace(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    return len(rows)


def _moved(source: Source, name: str) -> Iterator[Sample]:
    for sample in source.samples:
        person = sample.person and name + sample.person.removeprefix(source.name)
        yield replace(sample, source=name, person=person)
