"""Assigning images to splits: the same share of every class, no person in two splits, and no split without images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from training.datasets.sample import SPLITS
from training.errors import DatasetError


def parse_shares(text: str) -> tuple[float, ...]:
    """Read the shares of training, public-test and private-test from a text such as `80/10/10`.

    Args:
        text: Two or three percentages between slashes; two leave no private-test.

    Returns:
        Two or three shares, which add up to 1.

    Raises:
        DatasetError: The text is not two or three numbers above 0 that add up to 100.
    """
    try:
        shares = [float(part) for part in text.split("/")]
    except ValueError:
        shares = []
    if len(shares) not in (2, 3) or not all(0 < share < 100 for share in shares) or abs(sum(shares) - 100) > 1e-6:
        raise DatasetError(
            f"--split {text}: give two or three numbers above 0 that add up to 100, "
            "such as 80/10/10 (training, public-test, private-test) or 90/10 (training, public-test)"
        )
    return tuple(share / 100 for share in shares)


def complete_splits(
    labels: Sequence[int],
    splits: Sequence[str | None],
    persons: Sequence[str | None],
    shares: Sequence[float],
    seed: int,
) -> list[str]:
    """Give every image a split.

    Images without one are assigned; those of a person whose other images have a split follow these. If all have one and
    none is in "public-test", a part of Training becomes "public-test", because models are chosen and calibrated on
    images that are neither trained nor tested on.

    Args:
        labels: Label of each image.
        splits: Split of each image; None if its source does not tell.
        persons: Identifier of the person on each image; None if unknown.
        shares: Shares of training, public-test and, if there is a third, private-test. Where "public-test" is taken
            from Training, the first two are its ratio.
        seed: The same seed gives the same splits.
    """
    result = list(splits)
    homes: dict[str, Counter] = {}
    for person, split in zip(persons, splits, strict=True):
        if person and split:
            homes.setdefault(person, Counter())[split] += 1
    for i, person in enumerate(persons):
        if not result[i] and person in homes:
            result[i] = homes[person].most_common(1)[0][0]
    chosen = [i for i, split in enumerate(result) if split is None]
    names: Sequence[str] = SPLITS
    if not chosen and "public-test" not in result:
        chosen = [i for i, split in enumerate(result) if split == "training"]
        shares = [share / sum(shares[:2]) for share in shares[:2]]
        names = SPLITS[:2]
    assigned = assign_splits([labels[i] for i in chosen], [persons[i] for i in chosen], shares, seed, names)
    for i, split in zip(chosen, assigned, strict=True):
        result[i] = split
    return result


def assign_splits(
    labels: Sequence[int] | np.ndarray,
    persons: Sequence[str | None],
    shares: Sequence[float],
    seed: int,
    names: Sequence[str] = SPLITS,
) -> list[str]:
    """Assign each image to a split, stratified by label; the images of one person stay together.

    People are assigned one by one, those with the most images first, each to the split that lacks their classes most.
    Images without a person then fill what is left. Where no image has a person, every split gets its share of every
    class to within one image, and at least one image of each class that has more images than there are splits. No split
    stays empty as long as there are enough people, or images without one.

    Args:
        labels: Label of each image.
        persons: Identifier of the person on each image; None if unknown.
        shares: Share of each split; they add up to 1.
        seed: The same seed gives the same splits.
        names: Names of the splits, as many as there are shares or more.

    Returns:
        Name of the split of each image.
    """
    labels = np.asarray(labels, dtype=np.int64)
    rng = np.random.default_rng(seed)
    classes, labels = np.unique(labels, return_inverse=True)
    lacking = np.array([_apportion(int((labels == i).sum()), np.array(shares)) for i in range(len(classes))])
    lacking = lacking.reshape(len(classes), len(shares)).astype(float)
    assigned = np.zeros(len(labels), dtype=np.int64)

    for rows in _rows_of_people(persons, rng):
        held = np.bincount(labels[rows], minlength=len(classes))
        # How much nearer to its target each split would come, in squared images, relative to the split's size.
        gain = ((2 * lacking - held[:, None]) * held[:, None]).sum(axis=0) / np.array(shares)
        best = int(gain.argmax())
        lacking[:, best] -= held
        assigned[rows] = best

    alone = np.array([person is None for person in persons], dtype=bool)
    for i in range(len(classes)):
        rows = rng.permutation(np.flatnonzero(alone & (labels == i)))
        room = np.maximum(lacking[i], 0)
        counts = _apportion(len(rows), room / room.sum() if room.sum() else np.array(shares))
        assigned[rows] = np.repeat(np.arange(len(shares)), counts)
    _fill_empty(assigned, persons, len(shares))
    return [names[index] for index in assigned]


def _fill_empty(assigned: np.ndarray, persons: Sequence[str | None], splits: int) -> None:
    """Move the smallest person, or an image, of the largest split that has two to each split without images."""
    groups: dict[object, list[int]] = {}
    for row, person in enumerate(persons):
        groups.setdefault(row if person is None else person, []).append(row)
    for empty in range(splits):
        if (assigned == empty).any():
            continue
        homes = Counter(int(assigned[rows[0]]) for rows in groups.values())
        donors = [split for split, count in homes.items() if count > 1]
        if donors:
            donor = max(donors, key=lambda split: int((assigned == split).sum()))
            moved = min((rows for rows in groups.values() if assigned[rows[0]] == donor), key=len)
            assigned[moved] = empty


def _rows_of_people(persons: Sequence[str | None], rng: np.random.Generator) -> list[np.ndarray]:
    """Group the rows by person, the largest group first, groups of one size in random order."""
    groups: dict[str, list[int]] = {}
    for row, person in enumerate(persons):
        if person is not None:
            groups.setdefault(person, []).append(row)
    rows = list(groups.values())
    shuffled = [np.array(rows[i]) for i in rng.permutation(len(rows))]
    return sorted(shuffled, key=len, reverse=True)


def _apportion(count: int, shares: np.ndarray) -> np.ndarray:
    """Split `count` into whole numbers near its shares (largest remainders), none of them 0 if there are enough."""
    exact = count * shares
    whole = np.floor(exact + 1e-9).astype(int)
    rest = count - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    if count > len(whole):
        for empty in np.flatnonzero((whole == 0) & (shares > 0)):
            whole[whole.argmax()] -= 1
            whole[empty] += 1
    return whole
