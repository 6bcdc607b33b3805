import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.audit.perceptual_hash import fingerprints, near_pairs


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


def test_a_changed_copy_is_near_and_another_photo_is_not(face_photos):
    first, other = face_photos
    lit = cv2.convertScaleAbs(first, alpha=0.9, beta=12)
    small = cv2.resize(cv2.resize(first, (36, 36), interpolation=cv2.INTER_AREA), (48, 48))
    codes = fingerprints(np.stack([first, lit, small, other]))
    distances = np.bitwise_count(codes ^ codes[0])
    assert (distances[:3] <= 4).all()
    assert distances[3] > 12
