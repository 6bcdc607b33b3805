import numpy as np

from core.labels import FERPLUS8
from training.datasets.sample import VOTE_COLUMNS
from training.evaluation.predictions import majority


def votes(**counts):
    return [counts.get(name.replace("-", "_"), 0) for name in VOTE_COLUMNS]


def test_more_than_half_must_agree_once_single_votes_are_dropped():
    rows = np.array(
        [
            votes(happy=6, sad=4),
            votes(happy=5, sad=5),
            votes(contempt=4, sad=3, happy=1, fear=1, angry=1),  # 4 of the 7 that are not alone
            votes(happy=4, sad=4, fear=2),
        ],
        np.uint8,
    )
    assert majority(rows).tolist() == [FERPLUS8.index("happy"), -1, FERPLUS8.index("contempt"), -1]


def test_what_is_unknown_or_no_face_or_has_no_votes_has_no_label():
    rows = np.array([votes(unknown=9, sad=1), votes(not_a_face=10), votes()], np.uint8)
    assert majority(rows).tolist() == [-1, -1, -1]
