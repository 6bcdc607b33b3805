"""The parts of the Space, without a server."""

import base64
import os
import re
from pathlib import Path

import pytest

from core.images import read_image
from core.recognizer import Recognizer
from webapp.space import faces, reading, streaming, style, uploads
from webapp.space.app import build
from webapp.space.gradio_setup import gr


@pytest.fixture
def upload(portrait):
    """Gradio's file, in the folder where uploads lie."""
    path = Path(uploads.folder(), "astronaut.png")
    path.write_bytes(portrait.read_bytes())
    yield {"path": str(path), "url": None, "meta": {"_type": "gradio.FileData"}}
    path.unlink(missing_ok=True)


@pytest.fixture
def camera(portrait):
    """A picture as a camera's stream brings it."""
    return {"path": None, "url": f"data:image/png;base64,{base64.b64encode(portrait.read_bytes()).decode()}"}


@pytest.fixture(autouse=True)
def stand_in(recognizer, monkeypatch):
    """Read with the stand-in, which sees a happy face in a square picture."""
    for module in (reading, faces):
        monkeypatch.setattr(module, "recognizer", lambda model: recognizer)


def test_nothing_gives_nothing():
    assert reading.read(None, "quick") == (None, None, None)
    assert reading.read_several(None, "quick") == ([], [], [], None)


def test_a_result_names_each_face_and_draws_its_bars(upload):
    annotated, record, result = reading.read(upload, "quick")
    assert annotated.shape == (512, 512, 3)
    assert list(record) == ["picture", "model", "width", "height", "faces", "made_by"]
    ((title, figure),) = result.faces
    assert "<strong>Face 1: happy, 94%</strong>" in title
    assert title.count("<img ") == 1
    assert result.picture == "astronaut.png"
    assert len(figure.data[0].x) == 7


def test_a_picture_that_is_one_face_is_not_searched(upload, recognizer):
    assert reading.read(upload, "quick", True)[2].is_face
    assert recognizer.search == "crop"
    recognizer.search = "none"
    reading.read_several([{"image": upload}], "quick", True)
    assert recognizer.search == "crop"
    recognizer.search = "none"
    assert not reading.read(upload, "quick")[2].is_face
    assert recognizer.search == "thorough"


def test_a_change_of_result_is_told_from_none(upload):
    """Gradio finds changes by the hash."""
    first, second = (reading.read(upload, "quick")[2] for _ in range(2))
    assert len({hash(first), hash(second), hash(None)}) == 3


def test_more_pictures_than_one_may_give_are_left_out(upload, monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: said.append(text))
    pictures, records, *_ = reading.read_several([{"image": upload}] * (reading.MOST_PICTURES + 2), "quick")
    assert len(pictures) == reading.MOST_PICTURES
    assert len(said) == 1
    assert len(records) == reading.MOST_PICTURES + 2
    assert [record["error"] for record in records if "error" in record] == [said[0]] * 2


def test_programs_are_told_which_picture_failed_and_why(upload, monkeypatch):
    """In its own place, so that the answers can be matched with what was sent."""
    said = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: said.append(text))
    notes = Path(uploads.folder(), "notes.png")
    notes.write_text("not a picture")
    gone = {"path": str(notes.with_name("gone.png")), "orig_name": "mine.png"}
    given = [{"image": upload}, {"image": {"path": str(notes)}}, {"image": gone}, {"image": None}, {"image": upload}]
    pictures, records, results, first = reading.read_several(given, "quick")
    assert (len(pictures), len(results), first) == (2, 2, results[0])
    assert ["faces" in record for record in records] == [True, False, False, False, True]
    failed = records[1:4]
    assert [record["picture"] for record in failed] == ["notes.png", "mine.png", "?"]
    assert "no picture that Mien knows" in failed[0]["error"]
    assert "deleted after" in failed[1]["error"]
    assert "not an uploaded picture" in failed[2]["error"]
    assert len(said) == 3
    notes.unlink()


def test_a_video_among_the_pictures_is_named(upload, monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: said.append(text))
    Path(upload["path"]).write_bytes(b"not a picture")
    assert reading.read_several([{"video": upload, "caption": None}], "quick")[0] == []
    assert "astronaut.png: Cannot read" in said[0]


def test_a_deleted_picture_is_asked_for_again(upload):
    Path(upload["path"]).unlink()
    with pytest.raises(gr.Error, match="10 minutes"):
        faces.ask(upload, 1, "quick")


@pytest.mark.parametrize("path", ["/etc/hostname", "", None, "../../etc/hostname"])
def test_only_the_upload_folder_is_looked_into(path):
    with pytest.raises(uploads.UploadError, match="uploaded picture"):
        uploads.path_of({"path": path})
    link = Path(uploads.folder(), "link")
    link.symlink_to("/etc/hostname")
    with pytest.raises(uploads.UploadError):
        uploads.path_of({"path": str(link)})
    link.unlink()


def test_a_stream_keeps_a_face_and_writes_nothing(camera, detector):
    before = sorted(Path(uploads.folder()).rglob("*"))
    session = None
    for _ in range(3):
        html, session, title, plot, *others = streaming.watch(camera, session, "quick")
    assert html.startswith("<img alt=")
    assert "<strong>Face 1: happy" in title.value
    assert title.visible
    assert plot.visible
    assert not any(update.visible for update in others)
    assert sorted(Path(uploads.folder()).rglob("*")) == before
    streaming.end(session)


def test_a_stream_goes_on_with_another_model(camera, detector):
    _, session, *_ = streaming.watch(camera, None, "quick")
    _, again, title, *_ = streaming.watch(camera, session, "embedder")
    assert again is session
    assert "<strong>Face 1: " in title.value
    assert session._recognizer.card.name == "embedder"


@pytest.mark.parametrize(
    "upload",
    [{"path": "/etc/hostname"}, {"url": "file:///etc/hostname"}, {"url": "data:image/png;base64,%"}, {"url": None}],
)
def test_what_no_camera_sent_is_refused(upload, detector):
    with pytest.raises(gr.Error, match="camera"):
        streaming.watch(upload, None, "quick")


def test_the_largest_faces_get_bars_in_the_order_of_their_numbers(detector):
    picture = read_image(Path(style.paths()[2]).read_bytes())
    frame = Recognizer("quick", search="quick").read_frame(picture)
    numbered = [type(each)(each.face, each.answers, number=9 - n) for n, each in enumerate(frame.readings)]
    updates = streaming.bars(picture, type(frame)(frame.width, frame.height, tuple(numbered)))
    numbers = [int(re.search(r"Face (\d+):", update.value)[1]) for update in updates[::2]]
    assert len(updates) == 2 * streaming.MOST_FACES
    assert numbers == sorted(numbers)


def test_why_takes_at_most_half_of_the_cores_and_a_stream_ends():
    page = build()
    functions = list(page.fns.values())
    (endpoint,) = (each for each in functions if each.api_name == "why")
    assert (endpoint.concurrency_id, endpoint.concurrency_limit) == ("why", max(1, (os.cpu_count() or 1) // 2))
    (stream,) = (each for each in functions if each.connection == "stream")
    assert stream.time_limit == streaming.TURN_S
    assert stream.concurrency_limit == reading.CORES


def test_the_samples_hold_the_faces_they_show(detector):
    counts = [len(Recognizer().read(path)) for path in style.paths()]
    assert counts == [1, 3, 6]
    assert sum(Path(path).stat().st_size for path in style.paths()) < 200_000
