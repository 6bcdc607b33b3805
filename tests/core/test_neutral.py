import numpy as np
import pytest

from core.explain import most_moved, neutral_faces
from core.faces.mesh_topology import MOVEMENT_NAMES


@pytest.fixture
def at_rest():
    return np.array([neutral_faces()[name].mean for name in MOVEMENT_NAMES], np.float32)


def test_the_stored_movements_are_mediapipes():
    assert list(neutral_faces()) == list(MOVEMENT_NAMES)
    assert all(0 <= neutral.mean <= 1 and 0 <= neutral.spread <= 0.5 for neutral in neutral_faces().values())


def test_a_smile_is_told_in_words(at_rest):
    at_rest[MOVEMENT_NAMES.index("mouthSmileLeft")] = 0.82
    (smile,) = most_moved(at_rest)
    assert str(smile) == "mouth smile left 0.82"
    assert smile.neutral == neutral_faces()["mouthSmileLeft"].mean


def test_a_face_at_rest_has_nothing_to_tell(at_rest):
    assert most_moved(at_rest) == []


def test_what_wanders_in_neutral_faces_counts_less(at_rest):
    at_rest[MOVEMENT_NAMES.index("browOuterUpLeft")] += 0.6
    at_rest[MOVEMENT_NAMES.index("jawOpen")] += 0.6
    assert [moved.name for moved in most_moved(at_rest)] == ["jawOpen", "browOuterUpLeft"]


def test_what_never_moves_does_not_stand_out_by_a_hair(at_rest):
    at_rest[MOVEMENT_NAMES.index("cheekPuff")] += 0.05
    assert most_moved(at_rest) == []


def test_no_more_than_asked_for(at_rest):
    assert len(most_moved(np.ones_like(at_rest), most=3)) == 3
