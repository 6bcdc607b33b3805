"""Uploads to running servers: at the limit and one byte over it, and many at once, none mixed up with another."""

import asyncio
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from gradio_client import Client, handle_file
from PIL import Image
from skimage.data import astronaut

from core.errors import ImageError
from core.images import MAX_BYTES, read_image

VISITORS = 12
MB = 1024 * 1024


def png(width, height, *, of_bytes=None):
    """A face; with so many bytes in all, most of them after its end, where a reader of pictures stops."""
    stream = io.BytesIO()
    Image.fromarray(astronaut()).resize((width, height)).save(stream, "PNG")
    return stream.getvalue().ljust(of_bytes or 0, b"\0")


def resident_mb(pid):
    (line,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(line) / 1024


class Visitor:
    """A visitor of the studio's Photo page, over its WebSocket, as a browser is one."""

    def __init__(self, address):
        self._address, self.session = address, ""
        self._said = b""

    async def __aenter__(self):
        from tornado.websocket import websocket_connect

        ws = self._address.replace("http", "ws")
        self._socket = await websocket_connect(f"{ws}/_stcore/stream", subprotocols=["streamlit"])
        await self._run()
        return self

    async def __aexit__(self, *_):
        self._socket.close()

    async def send_photo(self, name, content):
        """Put a file into the uploader; the status of the server's answer."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        asked = BackMsg()
        asked.file_urls_request.request_id = "1"
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.session
        await self._socket.write_message(asked.SerializeToString(), binary=True)
        while True:
            told = await self._next()
            if told.WhichOneof("type") == "file_urls_response":
                break
        (urls,) = told.file_urls_response.file_urls
        status = await asyncio.to_thread(self._put, urls.upload_url, name, content)
        if status == 204:
            await self._run(urls, name, len(content))
        return status

    @staticmethod
    def form_bytes(name):
        """What the form around a file of that name takes, which the server counts too."""
        return len(requests.Request("PUT", "http://x", files={"file": (name, b"")}).prepare().body)

    def shows(self, text):
        """Whether the page that it was last shown holds a text."""
        return text.encode() in self._said

    def _put(self, url, name, content):
        with requests.Session() as client:
            client.get(f"{self._address}/_stcore/health")
            headers = {"X-Xsrftoken": client.cookies.get("_streamlit_xsrf", "")}
            return client.put(f"{self._address}{url}", files={"file": (name, content)}, headers=headers).status_code

    async def _run(self, urls=None, name="", size=0):
        from streamlit.proto.BackMsg_pb2 import BackMsg

        asked = BackMsg()
        asked.rerun_script.page_name = "photo"
        if urls:
            state = asked.rerun_script.widget_states.widgets.add(id=self._uploader)
            info = state.file_uploader_state_value.uploaded_file_info.add(name=name, size=size, file_id=urls.file_id)
            info.file_urls.CopyFrom(urls)
        await self._socket.write_message(asked.SerializeToString(), binary=True)
        self._said = b""
        while True:
            told = await self._next()
            kind = told.WhichOneof("type")
            if kind == "new_session":
                self.session = told.new_session.initialize.session_id
            elif kind == "delta":
                assert not told.delta.new_element.HasField("exception"), told
                uploader = told.delta.new_element.file_uploader
                if uploader.label == "Photos":
                    self._uploader = uploader.id
                self._said += told.SerializeToString()
            elif kind == "script_finished":
                return

    async def _next(self):
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        content = await asyncio.wait_for(self._socket.read_message(), 120)
        assert content is not None, "the server hung up"
        return ForwardMsg.FromString(content)


def of_its_own(coroutine):
    """Run it in a thread of its own: a browser's test that ran before may have left a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_the_reader_takes_a_picture_of_the_largest_size_and_none_of_a_byte_more():
    assert read_image(png(64, 48, of_bytes=MAX_BYTES)).shape == (48, 64, 3)
    with pytest.raises(ImageError, match="larger than 20 MB"):
        read_image(png(64, 48, of_bytes=MAX_BYTES + 1))


def test_the_studio_takes_what_it_may_and_not_a_byte_more(studio):
    async def visit():
        async with Visitor(studio) as visitor:
            most = MB - visitor.form_bytes("over.png")
            assert await visitor.send_photo("over.png", png(300, 300, of_bytes=most + 1)) == 413
            assert not visitor.shows("over.png")
            assert await visitor.send_photo("upto.png", png(300, 300, of_bytes=most)) == 204
            assert visitor.shows("upto.png")

    of_its_own(visit())


def test_the_gradio_page_takes_what_it_may_and_not_a_byte_more(space):
    def status(size):
        files = {"files": ("a.png", png(300, 300, of_bytes=size))}
        return requests.post(f"{space}/gradio_api/upload", files=files).status_code

    assert status(MAX_BYTES + 1) == 413
    assert status(MAX_BYTES) == 200


def test_photos_of_many_visitors_of_the_studio_are_not_mixed_up(studio):
    names = [f"visitor-{number:02}.png" for number in range(VISITORS)]

    async def visit(name, number):
        async with Visitor(studio) as visitor:
            assert await visitor.send_photo(name, png(240 + 8 * number, 240)) == 204
            return {other for other in names if visitor.shows(other)}

    async def all_at_once():
        return await asyncio.gather(*(visit(name, number) for number, name in enumerate(names)))

    assert of_its_own(all_at_once()) == [{name} for name in names]


def test_pictures_of_many_visitors_of_the_gradio_page_are_not_mixed_up(space, tmp_path):
    paths = []
    for number in range(VISITORS):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(png(240 + 8 * number, 240))

    def ask(path):
        client = Client(space, verbose=False, analytics_enabled=False)
        _, record = client.predict(handle_file(path), api_name="/read")
        return record["width"], record["height"], len(record["faces"])

    with ThreadPoolExecutor(VISITORS) as visitors:
        assert list(visitors.map(ask, paths)) == [(240 + 8 * number, 240, 1) for number in range(VISITORS)]


ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1000000", "MALLOC_TRIM_THRESHOLD_": "1000000"}
"""What `make app` and the image set, or glibc would keep what was freed for the next uploads."""


@pytest.mark.slow
def test_the_memory_of_many_uploads_comes_back(serve, detector, record_property):
    """Forty files of 4 MB by visitors who leave; Streamlit keeps a session for two minutes after that."""
    kept = kept_of_many_uploads(serve, ALLOCATOR)
    record_property("told", f"With the allocator set as `make app` sets it, the server held {kept:.0f} MB more at last")
    assert kept <= 40


@pytest.mark.slow
def test_how_much_of_many_uploads_is_kept_without_the_settings_of_the_allocator(serve, detector, record_property):
    kept = kept_of_many_uploads(serve, {})
    record_property("told", f"without these settings it held {kept:.0f} MB more after the same four minutes")
    assert kept < 40 * 4 * 4, "more than four copies of each file"


def kept_of_many_uploads(serve, allocator):
    """Megabytes that the server holds within four minutes of the last upload, more than before; up to 40 are enough."""
    options = ("--server.port={port}", "--server.fileWatcherType=none")
    address = serve("-m", "streamlit", "run", "webapp/Home.py", *options, **allocator)
    server = serve.newest.pid

    async def visit(size, name="photo.png"):
        async with Visitor(address) as visitor:
            if size:
                assert await visitor.send_photo(name, png(300, 300, of_bytes=size)) == 204

    async def eight(size):
        await asyncio.gather(*(visit(size, f"{number}.png") for number in range(8)))

    for _ in range(2):
        of_its_own(eight(1))  # models are loaded, for as many as come at once
    before = resident_mb(server)
    for _ in range(5):
        of_its_own(eight(4 * MB))
    assert resident_mb(server) - before > 40 * 4 * 0.7, "they were not held in memory, so this shows nothing"
    deadline = time.monotonic() + 240
    while resident_mb(server) - before > 40 and time.monotonic() < deadline:
        time.sleep(5)
        of_its_own(visit(0))  # those who left are dropped when somebody comes
    return resident_mb(server) - before
