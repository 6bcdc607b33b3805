"""Importing sources into one dataset file, with a count of every image that is lost: `python -m training import`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from core.labels import FERPLUS8
from core.runtime.files import replacing
from training.datasets.cropper import Cropper, Mode
from training.datasets.incoming.layout import Hints
from training.datasets.near_copies import images_of_earlier, perceptual_hashes
from training.datasets.parquet import pixel_hash, write_dataset
from training.datasets.sample import SPLITS, Sample
from training.datasets.sources import Source, read_source
from training.datasets.splitting import parse_shares
from training.errors import DatasetError

CONTEMPT = FERPLUS8.index("contempt")


@dataclass
class Tally:
    """Counts of what happened to the images of an import.

    Attributes:
        kept: Number of images that went into the dataset, by source.
        copies: Number of images left out because an earlier source has the same pixels.
        not_found: (source, name, label) of each image without a face; these are kept, and marked.
        contempt: Number of images labelled "contempt", which models of seven classes do not learn from.
        codes: Perceptual hash of each face that was kept, with its split.
    """

    kept: dict[str, int] = field(default_factory=dict)
    copies: int = 0
    not_found: list[tuple[str, str, str]] = field(default_factory=list)
    contempt: int = 0
    codes: list[tuple[np.uint64, str]] = field(default_factory=list)

    def near_copies(self) -> int:
        """Count the images of PublicTest and PrivateTest that look like one of an earlier split."""
        codes = np.array([code for code, _ in self.codes], np.uint64)
        ranks = np.array([SPLITS.index(split) for _, split in self.codes], np.int64)
        return int(images_of_earlier(codes, ranks).sum()) if len(codes) else 0


def merge(sources: Sequence[Source], crop: Callable[[Sample], Sample], tally: Tally) -> Iterator[Sample]:
    """Yield the samples of all sources, one source after the other, as crops.

    An image with the same pixels as one of an earlier source is left out. Copies within a source stay as its makers
    left them; `evaluate` counts those that are in two of its splits.

    Args:
        sources: Sources with different names; see `with_distinct_names`.
        crop: Returns a sample with a 48x48 image, or with `found` False.
        tally: Counts, which grow while the samples are iterated.

    Raises:
        DatasetError: A source is ill-formed, or none of its files can be read.
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
            if cropped.found:
                tally.codes.append((_code(cropped.image), cropped.split))
            else:
                tally.not_found.append((source.name, cropped.name, FERPLUS8.labels[cropped.label]))
            yield cropped
        if source.unreadable and len(source.unreadable) == source.count:
            raise DatasetError(
                f"{source.name}: none of its {source.count} files is a readable picture; "
                f"the first: {source.unreadable[0][1]}"
            )


def _code(image: np.ndarray) -> np.uint64:
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return perceptual_hashes(grey[None])[0]


def with_distinct_names(sources: Sequence[Source]) -> list[Source]:
    """Return the sources with a number after each name that an earlier source has."""
    result: list[Source] = []
    for source in sources:
        number, name = 1, source.name
        while name in {other.name for other in result}:
            number += 1
            name = f"{source.name}-{number}"
        result.append(source if number == 1 else replace(source, name=name, samples=_samples_named(source, name)))
    return result


def write_losses(path: Path, tally: Tally, sources: Sequence[Source]) -> int:
    """List every picture without a face, and every file that is left out, in a csv, and return their number.

    If there are none, no csv is written, and one of an earlier import is deleted.

    Raises:
        DatasetError: The csv cannot be written.
    """
    rows = [(*row, "no face found: kept, and counted as an error") for row in tally.not_found]
    rows += [
        (source.name, name, "", f"left out: {why}")
        for source in sources
        for name, why in (*source.unreadable, *source.passed_over)
    ]
    try:
        if rows:
            with replacing(path) as partial, open(partial, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("source", "file", "label", "what"), *rows])
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written ({error.strerror}); choose another --out") from None
    return len(rows)


def _samples_named(source: Source, name: str) -> Iterator[Sample]:
    for sample in source.samples:
        person = sample.person and name + sample.person.removeprefix(source.name)
        yield replace(sample, source=name, person=person)


Progress = Callable[[int, int | None], None]
"""Takes the number of images done so far, and the number of all images (None if unknown)."""


@dataclass(frozen=True)
class Imported:
    """Result of an import.

    Attributes:
        count: Number of images in the dataset file.
        sources: Sources that were read.
        tally: Counts of what happened to the images.
        losses: The csv that lists pictures without a face and files that were left out; None if there are none.
    """

    count: int
    sources: Sequence[Source]
    tally: Tally
    losses: Path | None

    def remarks(self) -> list[str]:
        """Describe every image that was left out or needs attention, in sentences."""
        lines, tally = [], self.tally
        if len(self.sources) > 1:
            lines += [f"{kept} images from {name}" for name, kept in tally.kept.items()]
            lines.append(f"{tally.copies} left out as copies of an image of an earlier source")
        if tally.contempt:
            lines.append(
                f"{tally.contempt} are labelled contempt: models of eight classes learn from them, those of seven do "
                "not"
            )
        if tally.not_found:
            lines.append(
                f"{len(tally.not_found)} show no face that could be found: kept as errors, listed in {self.losses}"
            )
        if unreadable := sum(len(source.unreadable) for source in self.sources):
            lines.append(f"{unreadable} files could not be read: left out, listed in {self.losses}")
        if passed_over := sum(len(source.passed_over) for source in self.sources):
            lines.append(f"{passed_over} files and pictures were passed over, listed in {self.losses}")
        if near := tally.near_copies():
            lines.append(
                f"{near} images to choose or test on look like one to learn from, so figures are too good; if they "
                "are of one recording or person, say who is shown with --person, and `audit` shows them"
            )
        lines += [
            f"no image is in {split}: import more, or other shares with --split"
            for split in SPLITS[:2]
            if tally.codes and split not in {other for _, other in tally.codes}
        ]
        return lines


def import_sources(
    paths: Sequence[Path],
    out: Path,
    ferplus: Path | None = None,
    crop: Mode = "auto",
    split: str = "80/10/10",
    seed: int = 0,
    hints: Hints | None = None,
    roams: bool = False,
    say: Callable[[str], None] = lambda line: None,
    progress: Progress = lambda done, total: None,
) -> Imported:
    """Read sources, one after the other, into one dataset file, which appears only when it is whole.

    Args:
        paths: Files, folders or archives of any known format; see `read_source`.
        out: The file to write. `NAME.not-found.csv` beside it lists pictures without a face and all files left out.
        ferplus: FER+'s csv, whose votes belong to the rows of the one FER2013 csv among the sources.
        crop: How crops are made; see `Cropper`.
        split: Shares of the splits for sources that do not tell their own; see `parse_shares`.
        seed: The same seed assigns images to the same splits.
        hints: Statements of the user about the sources.
        roams: Whether a table may name pictures outside its folder.
        say: Takes the lines that say what was understood of each source, before anything is written.
        progress: Called after each image.

    Raises:
        DatasetError: A source cannot be used, or the file cannot be written.
        AssetError: An image is to be searched for a face, and the detector's model file is missing.
    """
    shares = parse_shares(split)
    tally = Tally()
    losses = out.with_name(f"{out.stem}.not-found.csv")
    with ExitStack() as stack:
        opened = with_distinct_names(
            [stack.enter_context(read_source(path, shares, seed, hints, ferplus, roams)) for path in paths]
        )
        if ferplus:
            _check_ferplus(opened, ferplus)
        for source in opened:
            say(f"{source.name}: {source.layout}")
            for sentence in source.understood:
                say(f"  {sentence}")
        about = {"sources": ",".join(source.name for source in opened), "split": split, "seed": str(seed)}
        counts = [source.count for source in opened]
        samples = _counted(merge(opened, Cropper(crop), tally), None if None in counts else sum(counts), progress)
        count = write_dataset(samples, out, about | {"crop": crop})
        lost = write_losses(losses, tally, opened)
    return Imported(count, opened, tally, losses if lost else None)


def _counted(samples: Iterator[Sample], total: int | None, progress: Progress) -> Iterator[Sample]:
    for done, sample in enumerate(samples, start=1):
        yield sample
        progress(done, total)


def _check_ferplus(sources: Sequence[Source], path: Path) -> None:
    tables = sum(source.is_fer2013 for source in sources)
    if tables != 1:
        raise DatasetError(
            f"{path}: FER+'s votes belong to one csv of FER2013, and the sources hold {tables}; give one"
        )
