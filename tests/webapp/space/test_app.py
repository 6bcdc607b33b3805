"""The Space as a program meets it: its named endpoints, and what lies on the disk meanwhile."""

import json
import signal
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from webapp.space import style

SHORT = (
    "from webapp.space import uploads; uploads.KEPT_MINUTES, uploads._SWEEP_S = 5 / 60, 1.0; "
    "from webapp.space.app import main; "
    "import os; os.environ['GRADIO_SERVER_PORT'] = '{port}'; main()"
)


@pytest.fixture(scope="module")
def client(space):
    return Client(space, verbose=False, analytics_enabled=False)


@pytest.fixture(scope="module")
def portraits():
    """Path of a drawing with three faces."""
    return style.paths()[1]


def uploaded(folder):
    """What lies in the Space's folder but for its own samples."""
    shipped = {Path(path).name for path in style.paths()}
    return [path for path in folder.glob("mien-space-*/*/*") if path.is_file() and path.name not in shipped]


def test_it_names_what_it_can_do_what_it_takes_and_what_it_gives(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    names = {
        name: [[each["parameter_name"] for each in about["parameters"]], [each["label"] for each in about["returns"]]]
        for name, about in endpoints.items()
    }
    assert names == {
        "/read": [["picture", "model"], ["Annotated picture", "Readings"]],
        "/read_several": [["pictures", "model"], ["Annotated pictures", "Readings"]],
        "/why": [["picture", "face", "model"], ["Map", "Explanation"]],
    }
    assert all(about["description"] for about in endpoints.values())


def test_a_face_is_read(client, portrait):
    annotated, record = client.predict(handle_file(portrait), api_name="/read")
    assert [face["label"] for face in record["faces"]] == ["happy"]
    assert Image.open(annotated).size == (record["width"], record["height"]) == (512, 512)


def test_a_visitor_chooses_the_model(client, portrait):
    _, record = client.predict(handle_file(portrait), "embedder", api_name="/read")
    assert (record["model"], record["faces"][0]["label"]) == ("embedder", "happy")
    with pytest.raises(AppError, match="no model named"):
        client.predict(handle_file(portrait), "../quick", api_name="/read")


def test_no_face_is_no_error(client, pictures, tmp_path):
    path = tmp_path / "none.png"
    path.write_bytes(pictures[0])
    assert client.predict(handle_file(path), api_name="/read")[1]["faces"] == []


def test_an_unreadable_file_gives_a_sentence(client, pictures, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(pictures["broken"])
    for arguments, endpoint in (((), "/read"), ((1,), "/why")):
        with pytest.raises(AppError, match="Cannot read this picture") as caught:
            client.predict(handle_file(path), *arguments, api_name=endpoint)
        assert "Traceback" not in str(caught.value)


def test_several_pictures_are_read_and_of_a_broken_one_it_is_said_why(client, portrait, portraits, pictures, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(pictures["broken"])
    given = [{"image": handle_file(path)} for path in (portrait, broken, portraits)]
    gallery, records = client.predict(given, api_name="/read_several")
    assert [len(record.get("faces", ())) for record in records] == [1, 0, 3]
    assert records[1]["picture"] == "broken.png"
    assert "Cannot read this picture" in records[1]["error"]
    assert [each["caption"] for each in gallery] == ["astronaut.png: 1 face", "2-three-portraits.webp: 3 faces"]


def test_why_tells_what_the_answer_to_one_face_rests_on(client, portraits):
    picture, words = client.predict(handle_file(portraits), 2, api_name="/why")
    assert "more **surprise** rests on it" in words
    width, height = Image.open(picture).size
    assert width > 2 * height
    with pytest.raises(AppError, match="no face 4: 3 were found"):
        client.predict(handle_file(portraits), 4, api_name="/why")


def test_a_file_of_the_server_is_nobodys_to_have_read(space, portrait):
    """Gradio takes a path in the message for an upload where the message does not call it a file."""
    calls = {"read": [{"path": str(portrait)}, "quick"], "why": [{"path": str(portrait)}, 1, "quick"]}
    for endpoint, data in calls.items():
        body = json.dumps({"data": data}).encode()
        asked = Request(f"{space}/gradio_api/call/{endpoint}", body, {"Content-Type": "application/json"})
        event = json.load(urlopen(asked))["event_id"]
        answer = urlopen(f"{space}/gradio_api/call/{endpoint}/{event}").read().decode()
        assert "not an uploaded picture" in answer


@pytest.mark.slow
def test_uploads_are_soon_deleted_and_the_folder_ends_with_the_server(serve, detector, portrait, tmp_path):
    address = serve("-c", SHORT, TMPDIR=str(tmp_path))
    server = serve.newest
    client = Client(address, verbose=False, analytics_enabled=False)
    client.predict(handle_file(portrait), api_name="/read")
    assert uploaded(tmp_path)
    (folder,) = tmp_path.glob("mien-space-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    deadline = time.monotonic() + 60
    while uploaded(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert uploaded(tmp_path) == []
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=60)
    assert not folder.exists()


@pytest.mark.parametrize("endpoint", ["read", "read_several", "why"])
@pytest.mark.parametrize("door", ["run", "api"])
def test_nobody_passes_the_queue_that_limits_how_many_are_answered_at_once(space, door, endpoint):
    body = json.dumps({"data": []}).encode()
    asked = Request(f"{space}/gradio_api/{door}/{endpoint}", body, {"Content-Type": "application/json"})
    with pytest.raises(HTTPError) as refused:
        urlopen(asked)
    assert refused.value.code == 404
    assert b"join the queue" in refused.value.read()
