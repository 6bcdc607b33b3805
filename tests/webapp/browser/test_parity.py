"""One answer in both engines: a recorded stream is replayed in Chromium, each frame from the state recorded before it.

Two loops that run freely would part for good at the first difference of a grey level; so each step is given what the
other engine had before it.
"""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from core.inference.artifact import MODEL_FILE
from core.model_store import folder_of
from core.recognizer import Recognizer
from core.runtime import assets
from core.streams.session import Session, SessionOptions
from webapp.browser import facts, runtime, site

MODEL = "flagship-tiny"
ENGINE = Path(facts.FILE).parent
BOX_PX, PROBABILITY = 0.05, 0.02

pytestmark = pytest.mark.needs("detector", "litert")


class Recorder:
    """Reads pictures with a session and writes down what it did, and from which state."""

    def __init__(self, options):
        self._recognizer = Recognizer(MODEL)
        self._follow = self._recognizer.finder.follow
        self._recognizer.finder.follow = self._noting
        self._session = Session(self._recognizer, options)
        self._asked, self._options = {}, options
        self.frames, self.pixels, self._size = [], bytearray(), (0, 0)

    def _noting(self, pyramid, known, scan):
        self._asked = {"known": [_face(face) for face in known], "scan": [matrix.ravel().tolist() for matrix in scan]}
        return self._follow(pyramid, known, scan)

    def read(self, picture, time_s, starts_baseline=False):
        if starts_baseline:
            self._session.start_baseline()
        readings = [
            {
                "face": _face(reading.face),
                "number": reading.number,
                "raw": _answers(reading.raw),
                "answers": _answers(reading.answers),
                "progress": self._session.baseline(reading.number),
            }
            for reading in self._session.read(picture, time_s).readings
        ]
        self.frames.append(self._asked | {"timeS": time_s, "startsBaseline": starts_baseline, "readings": readings})
        self.pixels += picture.tobytes()
        self._size = picture.shape[1::-1]

    def recording(self):
        width, height = self._size
        options = {"smoothingS": self._options.smoothing_s, "flatPrior": self._options.flat_prior}
        card = facts.of_model(self._recognizer.card)
        return {"width": width, "height": height, "options": options, "card": card, "frames": self.frames}


def _face(face):
    return {
        "box": list(face.box),
        "score": face.score,
        "eyes": list(face.eyes),
        "mouth": list(face.mouth),
        "quality": asdict(face.quality),
        "hints": list(face.quality.hints),
        "crop": face.crop.ravel().tolist(),
    }


def _answers(answers):
    return {
        name: {
            "probabilities": dict(answer.probabilities),
            "unsureBelow": answer.unsure_below,
            "held": answer.held,
            "unsure": answer.unsure,
        }
        for name, answer in answers.items()
    }


@pytest.fixture(scope="module")
def replayed(launch, serve_files):
    """What the engine in a browser makes of a recording: `replayed(recorder)` gives an entry for each frame."""
    browser = launch()

    def replay(recorder):
        served = {
            "index.html": b"<!doctype html>",
            "replay.js": Path(__file__).with_name("replay.js").read_bytes(),
            "runtime.js": assets.path_of(runtime.SCRIPT).read_bytes(),
            "wasmBinary": assets.path_of(runtime.WASM).read_bytes(),
            "detector": assets.path_of(assets.FACE_DETECTOR).read_bytes(),
            "model": site.with_batch_of_one((folder_of(MODEL) / MODEL_FILE).read_bytes()),
            "recording.json": json.dumps(recorder.recording()).encode(),
            "pixels": bytes(recorder.pixels),
        }
        served |= {f"engine/{path.relative_to(ENGINE)}": path.read_bytes() for path in ENGINE.rglob("*.js*")}
        with serve_files(served) as here, contextlib.closing(browser.new_page()) as page:
            page.set_default_timeout(300_000)
            page.goto(f"{here}index.html")
            page.add_script_tag(url=f"{here}runtime.js")
            return page.evaluate(_REPLAY, here)

    yield replay
    browser.close()


_REPLAY = """async (here) => {
  globalThis.ENGINE = `${here}engine/`;
  const { replay } = await import(`${here}replay.js`);
  const bytes = async (name) => new Uint8Array(await (await fetch(here + name)).arrayBuffer());
  const names = ["wasmBinary", "detector", "model"];
  const files = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await bytes(name)])));
  const recording = await (await fetch(`${here}recording.json`)).json();
  return replay({ factory: ModuleFactory, ...files }, recording, await bytes("pixels"));
}"""


def assert_same(recorder, frames, strays=0.0):
    """Compare frame by frame; a share of the boxes, `strays`, may differ by half a percent of their sides."""
    apart = []
    for recorded, here in zip(recorder.frames, frames, strict=True):
        readings = recorded["readings"]
        faces = [reading["face"] for reading in readings]
        assert len(here["found"]) == len(faces)
        np.testing.assert_allclose(here["asked"]["scan"], recorded["scan"], atol=1e-9)
        known = [face["box"] for face in recorded["known"]]
        np.testing.assert_allclose(np.reshape(here["asked"]["known"], (-1, 4)), np.reshape(known, (-1, 4)), atol=1e-6)
        for face, found in zip(faces, here["found"], strict=True):
            points = np.array([*face["eyes"], face["mouth"]]).ravel()
            shift = max(abs(np.subtract(found["box"], face["box"]).max()), abs(found["points"] - points).max())
            apart.append(shift)
            assert shift <= BOX_PX or shift < 0.005 * face["box"][2]
            assert found["score"] == pytest.approx(face["score"], abs=PROBABILITY)
            assert found["hints"] == face["hints"]
        for reading, plain, told in zip(readings, here["plain"], here["readings"], strict=True):
            assert told["number"] == reading["number"]
            assert told["progress"] == pytest.approx(reading["progress"])
            for name, answer in reading["answers"].items():
                raw = reading["raw"][name]["probabilities"]
                assert plain[name]["probabilities"] == pytest.approx(raw, abs=PROBABILITY)
                assert told["answers"][name]["probabilities"] == pytest.approx(answer["probabilities"], abs=1e-9)
                assert {key: told["answers"][name][key] for key in ("held", "unsure")} == {
                    key: answer[key] for key in ("held", "unsure")
                }
    assert apart
    assert np.mean(np.array(apart) > BOX_PX) <= strays


def moving_faces():
    """Pictures of two faces that drift past one another, one in front of it all for a moment, and noise."""
    face = astronaut()[:300, 100:400]
    near, far = (cv2.resize(one, (side, side)) for one, side in ((face, 150), (face[:, ::-1], 110)))
    rng = np.random.default_rng(0)
    for index in range(16):
        picture = rng.integers(40, 60, (240, 400, 3)).astype(np.uint8)
        picture[20 + index : 130 + index, 280 - 8 * index : 390 - 8 * index] = far
        if index != 6:
            picture[60:210, 10 + 8 * index : 160 + 8 * index] = near
        yield np.clip(picture * (0.8 + 0.02 * index), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "options",
    [SessionOptions(), pytest.param(SessionOptions(smoothing_s=0.0, flat_prior=True), marks=pytest.mark.slow)],
)
def test_faces_that_move(replayed, options):
    recorder = Recorder(options)
    for index, picture in enumerate(moving_faces()):
        recorder.read(picture, index * 0.3, starts_baseline=index == 2)
    assert len({reading["number"] for frame in recorder.frames for reading in frame["readings"]}) > 1
    assert any(reading["progress"] == 1 for frame in recorder.frames for reading in frame["readings"])
    assert_same(recorder, replayed(recorder))


@pytest.mark.slow
@pytest.mark.needs("mien_data")
def test_a_film(replayed, mien_data):
    """Where an anchor of the detector lies at its bar, it counts in one engine only, and moves a faint face's box."""
    (clip,) = (mien_data / "videos").glob("*hamilton*.mp4")
    recorder = Recorder(SessionOptions())
    with av.open(str(clip)) as container:
        (stream,) = container.streams.video
        for index, frame in enumerate(container.decode(stream)):
            if index % 2 == 0:
                recorder.read(frame.to_ndarray(format="rgb24"), float(frame.pts * stream.time_base), index == 40)
    assert_same(recorder, replayed(recorder), strays=0.02)
