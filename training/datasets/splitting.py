"""Sharing images out to the splits: the same share of every class, and no person in two splits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.datasets.sample import SPLITS
from training.errors import DatasetError


def parse_shares(text: str) -> tuple[float, ...]:
    """`80/10/10` as the shares of training, public-test and private-test; `90/10` leaves no private-test.

    Raises:
        DatasetError: not two or three numbers above 0 that add up to 100.
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


def assign_splits(
    labels: Sequence[int] | np.ndarray,
    persons: Sequence[str | None],
    shares: Sequence[float],
    seed: int,
    names: Sequence[str] = SPLITS,
) -> list[str]:
    """A split for each image, stratified by label; the images of one person stay together.

    Of images without a person each class is shared out to within one image. People are dealt out one by one, those of
    most images first, to the split that lacks their classes most; images without a person then fill what is left.

    Args:
        labels: Of each image.
        persons: Of each image; None where nobody knows.
        shares: Of each split, adding up to 1.
        seed: The same seed gives the same splits.
        names: What the shares are of.
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
    return [names[index] for index in assigned]


def _rows_of_people(persons: Sequence[str | None], rng: np.random.Generator) -> list[np.ndarray]:
    """The rows of each person, the largest group first, equal ones in random order."""
    groups: dict[str, list[int]] = {}
    for row, person in enumerate(persons):
        if person is not None:
            groups.setdefault(person, []).append(row)
    rows = list(groups.values())
    shuffled = [np.array(rows[i]) for i in rng.permutation(len(rows))]
    return sorted(shuffled, key=len, reverse=True)


def _apportion(count: int, shares: np.ndarray) -> np.ndarray:
    """Whole numbers that add up to `count`, each within one of its share (largest remainders)."""
    exact = count * shares
    whole = np.floor(exact + 1e-9).astype(int)
    rest = count - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    return whole
