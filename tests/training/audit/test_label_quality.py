"""Agreement with votes, and doubtful labels."""

import math

import numpy as np
import pytest

from core.labels import FER7
from training.audit.label_quality import agreement, by_model, by_votes, disputed, in_words, share_agreed
from training.datasets.index import Rows


def test_agreement_counts_the_rows_with_a_vote_for_one_of_the_seven(flawed):
    table = agreement(flawed)
    assert table.to_numpy().sum() == 10
    assert table.loc["sad", "happy"] == 1
    assert table.loc["happy", "happy"] == 4
    assert table.loc["fear", "surprise"] == 1
    assert share_agreed(table) == pytest.approx(0.8)


def test_without_votes_there_is_no_agreement(dataset):
    assert math.isnan(share_agreed(agreement(Rows.load(dataset))))
    assert disputed(Rows.load(dataset)).empty


def test_the_most_disputed_comes_first(flawed):
    found = disputed(flawed)
    assert len(found) == 11
    assert found["row"][0] == 5
    assert found["entropy"][0] == pytest.approx(1.571)
    assert found["entropy"].is_monotonic_decreasing
    assert in_words(flawed.votes[5]) == "fear 4, sad 3, surprise 3"


def test_votes_doubt_what_most_people_call_otherwise(flawed):
    found = by_votes(flawed)
    assert found.to_dict("list") == {
        "row": [8, 2],
        "label": ["fear", "sad"],
        "suggested": ["surprise", "happy"],
        "doubt": [1.0, 0.8],
    }


def test_a_model_doubts_what_it_contradicts_with_confidence(flawed):
    """PublicTest is happy, fear, fear; the model calls the last one surely sad."""

    def said(**shares):
        return [shares.get(label, 0.0) for label in FER7.labels]

    probabilities = np.array([said(happy=0.9), said(fear=0.9, sad=0.1), said(fear=0.1, sad=0.9)])
    assert by_model(flawed, probabilities).empty  # nothing is labelled sad: there is no measure for it
    probabilities[2] = said(fear=0.05, happy=0.95)
    found = by_model(flawed, probabilities)
    assert found.to_dict("list") == {"row": [6], "label": ["fear"], "suggested": ["happy"], "doubt": [0.9]}
    probabilities[2] = said(fear=0.4, happy=0.6)  # less than what happy ones get
    assert by_model(flawed, probabilities).empty
    probabilities[2] = np.nan
    assert by_model(flawed, probabilities).empty
