import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.corrections import Baseline
from core.recognizer import Recognizer
from core.streams.session import Session, SessionOptions

EMPTY = np.full((480, 640, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def recognizer(detector):
    return Recognizer()


def scene(x=64, size=480):
    """A webcam's picture with the astronaut somewhere in it."""
    picture = EMPTY.copy()
    person = cv2.resize(astronaut(), (size, size), interpolation=cv2.INTER_AREA)
    picture[:size, x : x + size] = person[:480, : 640 - x]
    return picture


def read(session, pictures, rate=15):
    return [session.read(picture, index / rate) for index, picture in enumerate(pictures)]


def test_a_moving_face_keeps_its_number_and_its_label(recognizer):
    with Session(recognizer) as session:
        frames = read(session, [scene(x) for x in range(10, 120, 6)])
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert all(len(frame.readings) == 1 for frame in frames)
    assert {frame.readings[0].number for frame in frames} == {1}
    assert {frame.readings[0].label for frame in frames} == {"happy"}


def test_black_pictures_are_no_face_and_no_error(recognizer):
    with Session(recognizer) as session:
        assert all(frame.readings == () for frame in read(session, [np.zeros_like(EMPTY)] * 5))


def test_a_small_face_is_found_within_a_second_and_then_followed(recognizer):
    picture = cv2.resize(scene(), (320, 240), interpolation=cv2.INTER_AREA)
    wide = np.full((480, 640, 3), 90, np.uint8)
    wide[100:340, 200:520] = picture
    small = cv2.resize(wide, None, fx=2, fy=2)  # 1280x960, the face a twelfth of its height
    with Session(recognizer) as session:
        frames = read(session, [small] * 24)
    first = next(index for index, frame in enumerate(frames) if frame.readings)
    assert first < 20
    assert all(frame.readings for frame in frames[first:])


def test_a_new_face_is_found_within_a_second_beside_one_that_is_followed(recognizer):
    alone = EMPTY.copy()
    alone[:320, :320] = cv2.resize(astronaut(), (320, 320), interpolation=cv2.INTER_AREA)
    both = alone.copy()
    both[:320, 320:] = alone[:320, :320][:, ::-1]
    with Session(recognizer) as session:
        frames = read(session, [alone] * 5 + [both] * 15)
    assert len(frames[4].readings) == 1
    assert len(frames[-1].readings) == 2


@pytest.mark.parametrize(("rate", "most"), [(5, 30), (30, 12)])
def test_searching_beside_a_face_takes_no_more_time_in_a_faster_stream(recognizer, rate, most, monkeypatch):
    searched, follow = [], recognizer.finder.follow

    def noting(pyramid, known, scan):
        searched.extend(scan)
        return follow(pyramid, known, scan)

    monkeypatch.setattr(recognizer.finder, "follow", noting)
    with Session(recognizer) as session:
        read(session, [scene()] * 5, rate)
        searched.clear()
        for index in range(5, 35):
            session.read(scene(), index / rate)
    assert 1 <= len(searched) <= most


def test_pictures_may_change_size_and_time_may_stand_still(recognizer):
    with Session(recognizer) as session:
        for picture, time_s in [(scene(), 0.0), (scene()[::2, ::2], 0.0), (scene(), -1.0), (EMPTY[:1, :1], 0.1)]:
            session.read(np.ascontiguousarray(picture), time_s)


def test_reading_every_so_often_follows_faces_in_between(recognizer):
    with Session(recognizer, SessionOptions(every_s=1.0, smoothing_s=0)) as session:
        frames = read(session, [scene(x) for x in range(10, 70, 4)], rate=10)
    answers = [frame.readings[0].raw for frame in frames]
    assert len({id(answer) for answer in answers}) == 2
    assert frames[0].readings[0].face.box != frames[10].readings[0].face.box


def test_smoothing_holds_back_what_raw_answers_jump_to(recognizer):
    frown = cv2.GaussianBlur(scene(), (0, 0), 5)
    with Session(recognizer, SessionOptions(smoothing_s=2.0)) as session:
        frames = read(session, [scene()] * 10 + [frown] * 2)
    last = frames[-1].readings[0]
    raw_step = abs(last.raw["fer7"].probabilities["happy"] - frames[0].readings[0].raw["fer7"].probabilities["happy"])
    step = abs(last.probabilities["happy"] - frames[0].readings[0].probabilities["happy"])
    assert step < 0.3 * raw_step


def test_a_baseline_makes_a_face_its_own_neutral(recognizer):
    with Session(recognizer, SessionOptions(smoothing_s=0)) as session:
        read(session, [scene()] * 3)
        session.start_baseline()
        assert session.baseline(1) == 0
        for quarter in range(1, 16):
            frame = session.read(scene(), quarter / 4)
        assert session.baseline(1) == 1
        assert frame.readings[0].label == "neutral"
        assert frame.readings[0].raw["fer7"].label == "happy"
        session.forget_baseline()
        assert session.read(scene(), 4.1).readings[0].label == "happy"


@pytest.fixture(scope="module")
def knowing(recognizer):
    """A recognizer that takes her smile for her face at rest."""
    return recognizer.with_baseline(scene())


def test_the_recognizers_baseline_serves_faces_that_have_none_in_the_stream(knowing):
    with Session(knowing, SessionOptions(smoothing_s=0)) as session:
        (reading,) = session.read(scene(), 0.0).readings
        assert (reading.label, reading.raw["fer7"].label) == ("neutral", "happy")
        assert session.baseline(1) is None


def test_a_faces_own_baseline_in_the_stream_comes_before_the_recognizers(knowing, monkeypatch):
    with Session(knowing, SessionOptions(smoothing_s=0)) as session:
        session.read(scene(), 0.0)
        own = Baseline()
        monkeypatch.setattr(session._baselines, "of", lambda number: own if number == 1 else None)
        assert session.read(scene(), 0.1).readings[0].label == "happy"


def test_no_flat_prior_on_top_of_a_baseline(knowing):
    def probabilities(options):
        with Session(knowing, options) as session:
            return session.read(scene(), 0.0).readings[0].probabilities

    assert probabilities(SessionOptions(flat_prior=True)) == probabilities(SessionOptions())


def test_a_flat_prior_raises_what_was_rare_in_training(recognizer):
    def disgust(options):
        with Session(recognizer, options) as session:
            return session.read(scene(), 0.0).readings[0].probabilities["disgust"]

    assert disgust(SessionOptions(flat_prior=True)) > disgust(SessionOptions())


def test_the_mesh_comes_and_goes_with_its_option(recognizer, mesh):
    with Session(recognizer, SessionOptions(mesh=True)) as session:
        face = session.read(scene(), 0.0).readings[0].face
        assert face.mesh.shape == (468, 3)
        assert abs(face.quality.pose.yaw) < 20
        session.options = SessionOptions()
        assert session.read(scene(), 0.1).readings[0].face.mesh is None


def test_another_model_keeps_the_numbers_and_starts_its_answers_over(recognizer):
    with Session(recognizer, SessionOptions(smoothing_s=60)) as session:
        seen = read(session, [scene(30)] * 3)[-1]
        session.start_baseline()
        session.use(Recognizer())
        again = session.read(scene(30), 0.3)
    assert again.readings[0].number == seen.readings[0].number
    assert again.readings[0].probabilities == again.readings[0].raw["fer7"].probabilities
    assert session.baseline(again.readings[0].number) is None


def test_two_sessions_do_not_know_of_each_other(recognizer):
    with Session(recognizer) as one, Session(recognizer) as other:
        read(one, [scene(10)] * 2 + [EMPTY] * 40 + [scene(10)])
        assert other.read(scene(100), 0.0).readings[0].number == 1
