import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cards import Card, Output
from core.corrections import BASELINE_S, Baseline
from core.labels import FER7, LABEL_SETS
from core.output.table import COLUMNS, RAW_COLUMNS, frame_rows
from core.readings import Answer, Face, FaceQuality, Frame, Reading
from core.streams.replay import baseline_about, read_again, takes_baselines, told_in
from core.streams.smoothing import Smoother

BAR = 0.5
QUALITY = FaceQuality(1, 50, 0, 0, 1, 0.5)
FACE = Face((1.0, 2.0, 3.0, 4.0), 0.9, ((1, 1), (2, 1)), (1, 2), QUALITY, np.zeros((48, 48, 3), np.uint8))
SADLY = {"angry": 0.15, "disgust": 0.01, "fear": 0.09, "happy": 0.02, "sad": 0.43, "surprise": 0.02, "neutral": 0.28}


def answers(**odds):
    values = {label: value * odds.get(label, 1.0) for label, value in SADLY.items()}
    return {"fer7": Answer({label: value / sum(values.values()) for label, value in values.items()}, BAR)}


def stream(looks, baseline=None, smoothing_s=0.4, columns=(*COLUMNS, *RAW_COLUMNS)):
    """The rows of a session: `looks` holds (time_s, number, answers)."""
    smoother, rows = Smoother(), []
    for index, (time_s, number, raw) in enumerate(looks):
        corrected = baseline.correct(raw) if baseline else raw
        smooth = smoother.update(number, time_s, corrected, smoothing_s)
        rows += frame_rows(Frame(9, 9, (Reading(FACE, smooth, number, raw),), index, time_s), columns)
    return rows


def a_clip(seed=0, number=1):
    """Six seconds at 30 pictures a second: at rest, from the fourth second on happier, and never quite steady."""
    rng = np.random.default_rng(seed)
    noise = np.exp(rng.normal(0, 0.2, (180, 7)))
    for index in range(180):
        odds = dict(zip(FER7.labels, map(float, noise[index]), strict=True))
        odds["happy"] *= 60 if index >= 120 else 1
        yield index / 30 + 1e-7, number, answers(**odds)


@pytest.mark.parametrize("smoothing_s", [0.0, 0.4, 1.5])
def test_a_table_read_again_is_that_of_a_stream_with_the_baseline(smoothing_s):
    clip = list(a_clip())
    rows = stream(clip, smoothing_s=smoothing_s)
    baseline = baseline_about([1.5], rows)
    again = read_again(rows, {1: baseline}, smoothing_s, BAR)
    expected = stream(clip, Baseline.of(raw for time_s, _, raw in clip if time_s <= BASELINE_S), smoothing_s)
    assert [list(row) for row in again] == [list(row) for row in rows]
    for label in FER7.labels:
        read, wanted = ([row[label] for row in table] for table in (again, expected))
        assert read == pytest.approx(wanted, abs=0.02)  # raw columns have four decimals
    assert np.mean([a["label"] == b["label"] for a, b in zip(again, expected, strict=True)]) > 0.98
    assert again[60]["label"] == "neutral"
    assert again[-1]["label"] == "happy"
    assert rows[60]["label"] != "neutral"


def test_only_answers_change():
    rows = stream(a_clip())
    kept = ("time_s", "frame", "face", "x", "y", "w", "h", *RAW_COLUMNS)
    again = read_again(rows, {1: baseline_about([1.5], rows)}, 0.4, BAR)
    assert [[row[name] for name in kept] for row in again] == [[row[name] for name in kept] for row in rows]


def test_faces_without_a_baseline_stay_as_they_are():
    rows = stream([look for pair in zip(a_clip(), a_clip(1, number=2), strict=True) for look in pair])
    again = read_again(rows, {2: baseline_about([1.5], [row for row in rows if row["face"] == 2])}, 0.4, BAR)
    assert [row for row in again if row["face"] == 1] == [row for row in rows if row["face"] == 1]
    assert [row for row in again if row["face"] == 2] != [row for row in rows if row["face"] == 2]


def test_a_face_that_was_gone_is_not_smoothed_with_what_it_was():
    looks = [(0.0, 1, answers()), (0.1, 1, answers()), (60.0, 1, answers(happy=500))]
    rows = stream(looks)
    last = read_again(rows, {1: baseline_about([0.0], rows)}, 2.0, BAR)[-1]
    assert (last["label"], last["happy"] > 0.9) == ("happy", True)


def test_the_bar_is_that_of_a_baseline_where_the_models_is_higher():
    rows = stream([(0.0, 1, answers())])
    assert rows[0]["label"] == "unsure"
    (again,) = read_again(rows, {1: baseline_about([0.0], rows)}, 0.4, BAR)
    assert (again["label"], again["confidence"]) == ("neutral", 0.4)


def test_what_the_raw_columns_lack_is_kept():
    rows = [row | {"contempt": 0.2} for row in stream([(0.0, 1, answers())])]
    (again,) = read_again(rows, {1: baseline_about([0.0], rows)}, 0.4, BAR)
    assert again["contempt"] == 0.2


@pytest.mark.parametrize(("moment_s", "is_seen"), [(8.4, False), (8.6, True), (11.4, True), (11.6, False)])
def test_a_baseline_is_of_the_three_seconds_about_its_moment(moment_s, is_seen):
    baseline = baseline_about([moment_s], stream([(10.0, 1, answers())]))
    assert (baseline is not None) == is_seen


def test_a_face_that_the_model_could_not_see_has_no_baseline():
    blank = {"fer7": Answer(dict.fromkeys(FER7.labels, 1 / 7), BAR)}
    rows = stream([(0.0, 1, blank), (5.0, 1, answers())])
    assert baseline_about([0.0], rows) is None
    (unseen, _) = read_again(rows, {1: baseline_about([5.0], rows)}, 0.0, BAR)
    assert unseen["label"] == "unsure"


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.floats(0, 12), min_size=1, max_size=4))
def test_moments_that_overlap_count_a_picture_once(moments_s):
    rows = stream([(float(second), 1, answers(happy=1 + second % 3)) for second in range(13)])
    one, twice = (baseline_about(moments, rows) for moments in (moments_s, moments_s * 2))
    assert one.correct(answers()) == twice.correct(answers())


@given(st.lists(st.floats(0.02, 1), min_size=7, max_size=7), st.sampled_from([None, *FER7.labels]))
def test_a_row_names_the_label_that_its_percentage_belongs_to(odds, held):
    given = dict(zip(FER7.labels, (value / sum(odds) for value in odds), strict=True))
    answer = Answer(given, BAR, held)
    (row,) = frame_rows(Frame(9, 9, (Reading(FACE, {"fer7": answer}, 1),)))
    words = told_in(row)
    assert words.startswith("unsure (perhaps ") == answer.unsure
    (named,) = (label for label in FER7.labels if label in words)
    assert given[named] == pytest.approx(answer.confidence, abs=1e-4)
    assert f"{row['confidence'] * 100:.0f}%" in words


def test_a_row_of_eight_labels_is_told_with_the_percentage_of_the_main_answer():
    eight = {label: 0.65 if label == "happy" else 0.05 for label in LABEL_SETS["ferplus8"].labels}
    both = {"ferplus8": Answer(eight), "fer7": Answer(dict.fromkeys(FER7.labels, 1 / 7))}
    (row,) = frame_rows(Frame(9, 9, (Reading(FACE, both, 1),)), (*COLUMNS, "contempt"))
    assert told_in(row) == "happy, 65%"


def test_a_model_of_eight_labels_takes_no_baseline_afterwards():
    sevens, eights = (Output(LABEL_SETS[name].labels, "") for name in ("fer7", "ferplus8"))
    assert takes_baselines(card_of({"fer7": sevens, "ferplus8": eights}))
    assert not takes_baselines(card_of({"ferplus8": eights, "fer7": sevens}))


def test_a_model_that_was_never_taught_neutral_takes_none_either():
    sevens = {"fer7": Output(FER7.labels, "")}
    assert not takes_baselines(card_of(sevens, priors={"fer7": [0.5, 0.5, 0, 0, 0, 0, 0]}))


def card_of(outputs, **data):
    return Card("m", "quick", "", {"name": "pixels"}, outputs, {}, {}, data=data)
