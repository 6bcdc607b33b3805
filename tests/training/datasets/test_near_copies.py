"""Pairs of close hashes; tests/training/audit/test_statistics.py has what the hashes of pictures are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.datasets.near_copies import images_of_earlier, near_pairs


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 19), st.lists(st.integers(0, 63), max_size=6)), max_size=20),
    st.integers(0, 5),
)
def test_near_pairs_are_all_pairs_within_the_radius(codes, changed, radius):
    """Some codes are others with a few bits changed, or there would hardly be a pair."""
    for origin, bits in changed:
        codes.append(codes[origin % len(codes)] ^ sum(1 << bit for bit in set(bits)))
    expected = [
        [first, second]
        for first in range(len(codes))
        for second in range(first + 1, len(codes))
        if (codes[first] ^ codes[second]).bit_count() <= radius
    ]
    assert near_pairs(np.array(codes, np.uint64), radius).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2)), max_size=12))
def test_images_that_look_like_one_of_an_earlier_rank(rows):
    """Codes of seven bits, so that many are near."""
    codes = np.array([(1 << code) - 1 for code, _ in rows], np.uint64)
    ranks = np.array([rank for _, rank in rows], int)
    near = np.bitwise_count(codes[:, None] ^ codes[None]) <= 4
    expected = (near & (ranks[None] < ranks[:, None])).any(axis=1)
    assert images_of_earlier(codes, ranks).tolist() == expected.tolist()
