"""Examples: what a fit sees. Needs nothing but NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Examples:
    """Faces through a recipe's feature, with what people said of them.

    Attributes:
        features: (n, ...), in the feature's own dtype.
        labels: Int (n,), indices into `FER7`.
        votes: Uint8 (n, 10) FER+ votes in the order of `VOTE_COLUMNS`; all zero where there are none.
        taught: Float32 (n, 7), what teachers answer in `FER7`, NaN where they answer nothing; None without teachers.
    """

    features: np.ndarray
    labels: np.ndarray
    votes: np.ndarray
    taught: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> Examples:
        taught = None if self.taught is None else self.taught[rows]
        return Examples(self.features[rows], self.labels[rows], self.votes[rows], taught)
