import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from core.errors import ModelError
from core.inference.ensemble import log_probabilities, pooled, read_members

MEMBER = {
    "name": "quick",
    "file": "quick.tflite",
    "sha256": "0" * 64,
    "feature": {"name": "pixels", "version": 1},
    "temperatures": {"fer7": 1.1},
    "weights": {"fer7": 1.0},
}


def opinions(members, n=5, seed=0):
    return log_probabilities(np.random.default_rng(seed).normal(size=(members * n, 7))).reshape(members, n, 7)


def test_equal_opinions_are_the_answer():
    one = opinions(1)
    answer = pooled(np.repeat(one, 3, axis=0), np.array([0.2, 0.3, 0.5]))
    np.testing.assert_allclose(softmax(answer, axis=1), np.exp(one[0]), atol=1e-6)


def test_who_weighs_nothing_is_not_heard():
    two = opinions(2)
    np.testing.assert_allclose(pooled(two, np.array([1.0, 0.0])), two[0])


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 100))
def test_others_count_for_who_sees_no_face(first, second, seed):
    two = opinions(2, seed=seed)
    two[1, 3] = np.nan
    answer = pooled(two, np.array([first, second]))
    np.testing.assert_allclose(answer[3], (first + second) * two[0, 3])
    np.testing.assert_allclose(answer[2], first * two[0, 2] + second * two[1, 2])


def test_one_member_cannot_overrule_all():
    sure = np.zeros((2, 1, 7))
    sure[0, 0] = log_probabilities(np.array([[100.0, 0, 0, 0, 0, 0, 0]]))
    sure[1, 0] = log_probabilities(np.array([[0, 3.0, 3.0, 0, 0, 0, 0]]))
    assert np.isfinite(pooled(sure, np.array([0.1, 0.9]))).all()
    assert pooled(sure, np.array([0.1, 0.9])).argmax() in (1, 2)


@pytest.mark.parametrize(
    "damage",
    [
        {"file": "../quick.tflite"},
        {"file": "/etc/passwd"},
        {"file": "quick.py"},
        {"feature": {"name": "pixels", "version": 99}},
        {"feature": {"name": "embedding-mobilenet_v3_large", "version": 1}},
        {"feature": {"name": "auras", "version": 1}},
        {"weights": {"fer7": -1}},
        {"weights": {"fer7": "many"}},
        {"temperatures": None},
        {"temperatures": {"fer7": 0}},
        {"temperatures": {"ferplus8": 1.0}},
        {"colour": "green"},
    ],
)
def test_a_damaged_list_of_members_is_refused(tmp_path, damage):
    content = json.dumps({"members": [MEMBER | damage]}).encode()
    with pytest.raises(ModelError, match="not a readable ensemble"):
        read_members(tmp_path / "ensemble.json", content)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"members": 3}', b"\xff", b"[" * 10_000])
def test_what_is_no_list_of_members_is_refused(tmp_path, content):
    with pytest.raises(ModelError, match="not a readable ensemble"):
        read_members(tmp_path / "ensemble.json", content)


def test_a_whole_list_is_read(tmp_path):
    (member,) = read_members(tmp_path / "ensemble.json", json.dumps({"members": [MEMBER]}).encode())
    assert member.name == "quick"
    assert member.weights == {"fer7": 1.0}
