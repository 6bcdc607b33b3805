import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image


@pytest.fixture(scope="module")
def client(space):
    return Client(space, verbose=False, analytics_enabled=False)


def test_a_face_is_read(client, portrait):
    annotated, record = client.predict(handle_file(portrait), api_name="/read")
    assert [face["label"] for face in record["faces"]] == ["happy"]
    assert Image.open(annotated).size == (record["width"], record["height"]) == (512, 512)


def test_no_face_is_no_error(client, pictures, tmp_path):
    path = tmp_path / "none.png"
    path.write_bytes(pictures[0])
    assert client.predict(handle_file(path), api_name="/read")[1]["faces"] == []


def test_an_unreadable_file_gives_a_sentence(client, pictures, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(pictures["broken"])
    with pytest.raises(AppError, match="Cannot read this picture") as caught:
        client.predict(handle_file(path), api_name="/read")
    assert "Traceback" not in str(caught.value)
