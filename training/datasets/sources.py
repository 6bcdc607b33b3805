"""Opening a source: a file, a folder or an archive of any known format, as labelled pictures."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from core.errors import ImageError
from core.images import read_image
from core.labels import FERPLUS8
from core.runtime.listing import Listing
from training.datasets.formats import formats
from training.datasets.formats.ferplus import read_ferplus, with_votes
from training.datasets.incoming.classes import Classes
from training.datasets.incoming.layout import Hints, Layout, Picture
from training.datasets.incoming.tree import Tree, split_named
from training.datasets.sample import VOTE_COLUMNS, Sample
from training.datasets.understanding import Understood, understand, unknown_folders
from training.datasets.untrusted import archive_kind, is_wanted, unpack
from training.errors import DatasetError

_CONTEMPT = FERPLUS8.index("contempt")
_ARCHIVES = (".zip", ".tar", ".tgz")
_SUFFIXES = (".gz", ".bz2", ".xz", *_ARCHIVES, ".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet")
_MOST_WRAPPINGS = 3  # archives in archives


@dataclass(frozen=True)
class Source:
    """An opened source.

    Attributes:
        name: Name of the file or folder, without suffixes.
        layout: Description of the format.
        samples: Images as they are, of any size, each with its split; can be iterated once.
        is_fer2013: Whether the rows are those of FER2013's csv, which FER+ votes belong to.
        count: Number of images; None if it is not known beforehand.
        unreadable: Name of each picture that could not be read, and the reason; grows while `samples` is iterated.
        understood: Sentences on what was understood, for the user to check.
        passed_over: Name of each file and picture that is left out, and the reason.
    """

    name: str
    layout: str
    samples: Iterator[Sample]
    is_fer2013: bool = False
    count: int | None = None
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    understood: tuple[str, ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()


@contextmanager
def read_source(
    path: Path,
    shares: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
    hints: Hints | None = None,
    ferplus: Path | None = None,
    roams: bool = False,
) -> Iterator[Source]:
    """Open a file, a folder or an archive of any known format; see `formats`.

    Args:
        path: The source; an archive is unpacked into a temporary folder, which is deleted when the context ends.
        shares: Shares of training, public-test and, if there is a third, private-test, for images whose split the
            source does not tell.
        seed: The same seed assigns images to the same splits.
        hints: Statements of the user about the source.
        ferplus: FER+'s csv, whose votes the rows of FER2013's csv get.
        roams: Whether a table that is the source may name pictures outside its folder.

    Yields:
        The opened source.

    Raises:
        DatasetError: The source is missing or damaged, its format is unknown, or most of its classes are.
    """
    hints = hints or Hints()
    name = path.resolve().name
    for suffix in (*_SUFFIXES, *_SUFFIXES):
        name = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    with ExitStack() as stack:
        places: dict[str, str] = {}
        try:
            tree, packed = _opened(path, hints.classes, roams, stack, places)
            layout = _layout(tree, path, hints)
            if ferplus and layout.is_fer2013:
                layout = with_votes(layout, read_ferplus(ferplus), ferplus)
            understood = understand(layout, hints, shares, seed, str(path))
        except DatasetError as error:
            raise _shown(error, places) from None
        yield _source(name, tree, packed, layout, understood, places)


def _opened(
    path: Path, classes: Classes, roams: bool, stack: ExitStack, places: dict[str, str]
) -> tuple[Tree, list[str]]:
    """List the files of a source; an archive is unpacked, and so is one that is all that an archive holds.

    Args:
        places: Gets the path to show for each temporary folder, because that is gone when a user reads a message.

    Returns:
        The files, and the names of those that were left packed.
    """
    if path.is_dir():
        tree, packed = Tree.of_folder(path, classes, roams), []
    elif not path.is_file():
        raise DatasetError(
            f"{path}: no such file or folder; give fer2013.csv, a folder of pictures or an archive of either"
        )
    elif archive_kind(path) or path.suffix.lower() in _ARCHIVES:
        folder = _temporary(path, stack, places)
        packed = unpack(path, folder, classes.knows)
        tree = Tree.of_folder(folder, classes)
    else:
        return Tree.of_file(path, roams), []
    for _ in range(_MOST_WRAPPINGS):
        if tree.archives:
            tree, more = _unpacked(tree, classes, stack, places)
            packed += more
    return tree, packed


def _temporary(path: Path, stack: ExitStack, places: dict[str, str]) -> Path:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mien-import-", ignore_cleanup_errors=True))
    places[folder] = _shown_text(str(path), places)
    return Path(folder)


def _unpacked(tree: Tree, classes: Classes, stack: ExitStack, places: dict[str, str]) -> tuple[Tree, list[str]]:
    """Unpack archives that lie in a folder, such as train.zip and test.zip, each into a folder of its name."""
    folder = _temporary(tree.root, stack, places)
    packed: list[str] = []
    for path in tree.archives:
        stem = path.name.removesuffix(path.suffix).removesuffix(".tar")
        packed += unpack(path, folder / path.parent.relative_to(tree.root) / stem, classes.knows)
    for path in tree.others:
        if path not in tree.archives and is_wanted(path.name):
            (folder / path.relative_to(tree.root)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / path.relative_to(tree.root))
    return Tree.of_folder(folder, classes), packed


def _shown(error: DatasetError, places: dict[str, str]) -> DatasetError:
    return DatasetError(_shown_text(str(error), places))


def _shown_text(text: str, places: dict[str, str]) -> str:
    for folder, path in places.items():
        text = text.replace(folder, path)
    return text


def _layout(tree: Tree, path: Path, hints: Hints) -> Layout:
    asks_columns = bool(hints.image or hints.label)
    for each in formats():
        if (each.takes_columns or not asks_columns) and (layout := each.read(tree, hints)):
            if layout.pictures:
                return layout
            raise DatasetError(f"{path}: {layout.description}, but not one labelled picture is in it")
    raise _unknown_format(tree, path)


def _unknown_format(tree: Tree, path: Path) -> DatasetError:
    if tree.file:
        return DatasetError(
            f"{path}: neither a table (csv, JSON, Parquet) nor an archive (.zip, .tar, packed or not) that Mien knows, "
            "nor a folder; give one of these"
        )
    if not tree.pictures:
        some = f"; it has {tree.others[0].name}" if tree.others else ""
        return DatasetError(f"{path}: no pictures and no known table in it{some}")
    names = [PurePosixPath(tree.name_of(picture)).parts for picture in tree.pictures]
    below_split = [parts[1] for parts in names if len(parts) > 2 and split_named(parts[0])]
    folders = below_split or [parts[0] for parts in names if len(parts) > 1]
    if below_split or len(set(folders)) > 1 or (folders and folders[0].isdigit()):
        return unknown_folders(str(path), folders)
    shapes = "; ".join(each.shape for each in formats() if each.rank)
    return DatasetError(f"{path}: no known layout; usual are {shapes}; `import --help` names all")


def _source(
    name: str, tree: Tree, packed: Sequence[str], layout: Layout, understood: Understood, places: dict[str, str]
) -> Source:
    taken = {picture.content for picture in layout.pictures if isinstance(picture.content, Path)} | layout.used
    named_lost = {lost for lost, _ in layout.lost}
    files = [path for path in (*tree.pictures, *tree.others) if path not in taken]
    files = [path for path in files if tree.name_of(path) not in named_lost]
    passed_over = [(tree.name_of(path), "not part of the dataset as it was understood") for path in files]
    passed_over += [(each, "neither picture nor table") for each in packed]
    listing = Listing((), (*files, *(Path(each) for each in packed)))
    sentences = [*understood.sentences]
    if layout.lost:
        first, why = layout.lost[0]
        sentences.append(f"{len(layout.lost):,} pictures are left out, such as {first}: {why}")
    sentences += [str(listing)] if str(listing) else []
    unreadable = list(layout.lost)
    return Source(
        name,
        f"{layout.description}, {len(understood.pictures):,} pictures",
        _samples(understood, name, unreadable, places),
        is_fer2013=layout.is_fer2013,
        count=len(understood.pictures) + len(layout.lost),
        unreadable=unreadable,
        understood=tuple(_shown_text(sentence, places) for sentence in sentences),
        passed_over=(*understood.left_out, *passed_over),
    )


def _samples(
    understood: Understood, source: str, unreadable: list[tuple[str, str]], places: dict[str, str]
) -> Iterator[Sample]:
    """Yield the pictures as they are, of any size.

    If any picture is labelled contempt, each label without votes becomes ten votes, so that models of eight classes
    learn from the dataset as they do from FER+. A damaged file is left out and listed: among thousands of downloaded
    files there often is one.
    """
    has_contempt = _CONTEMPT in understood.labels
    last: tuple[object, np.ndarray] | None = None  # a photograph of many faces is decoded once
    for picture, label in zip(understood.pictures, understood.labels, strict=True):
        try:
            image = last[1] if last and last[0] == picture.content else _decoded(picture)
            last = (picture.content, image) if isinstance(picture.content, Path) else None
            box = picture.box and picture.box.on(image)
            if picture.box and not box:
                raise ImageError("its box lies outside the picture")
        except ImageError as error:
            unreadable.append((picture.name, _shown_text(str(error), places)))
            continue
        except DatasetError as error:
            raise _shown(error, places) from None
        votes = picture.votes
        if votes is None and has_contempt:
            votes = tuple(10 * (i == label) for i in range(len(VOTE_COLUMNS)))
        person = picture.person and f"{source}/{picture.person}"
        yield Sample(image, label, picture.split, votes, source, person, name=picture.name, box=box or None)


def _decoded(picture: Picture) -> np.ndarray:
    if isinstance(picture.content, np.ndarray):
        return picture.content
    return read_image(picture.content if isinstance(picture.content, Path) else picture.content())
