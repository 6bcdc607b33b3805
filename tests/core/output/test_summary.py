import pytest

from core.output.summary import Summary


def summary_of(*frames):
    summary = Summary()
    for time_s, labels in frames:
        summary.add(time_s, labels)
    return summary.faces()


def test_time_not_frames_is_counted():
    """Nine frames of "sad" within 0.9 seconds weigh less than one of "happy" that stands for two."""
    frames = [(number / 10, {1: "sad"}) for number in range(9)]
    (face,) = summary_of(*frames, (0.9, {1: "happy"}), (2.9, {}))
    assert face.seconds == pytest.approx(2.9)
    assert face.shares == pytest.approx({"happy": 2 / 2.9, "sad": 0.9 / 2.9})
    assert list(face.shares) == ["happy", "sad"]


def test_faces_come_longest_first_and_the_time_away_is_not_counted():
    first, second = summary_of((0, {1: "sad"}), (1, {2: "sad"}), (2, {2: "sad"}), (9, {1: "sad"}), (10, {}))
    assert (first.face, first.seconds) == (2, 8)
    assert (second.face, second.seconds) == (1, 2)


def test_changes_a_minute():
    labels = ["sad", "sad", "happy", "sad", "sad", "sad"]
    (face,) = summary_of(*((number * 2, {"Ann": label}) for number, label in enumerate(labels)))
    assert face.seconds == 12
    assert face.changes_a_minute == pytest.approx(10)


def test_a_single_frame():
    (face,) = summary_of((0.0, {1: "fear"}))
    assert face.shares == {"fear": 1.0}
    assert summary_of() == []
