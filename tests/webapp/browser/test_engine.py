"""Parts of the engine in the browser beside their twins, on numbers that both are given."""

import json
import shutil
import subprocess
from datetime import datetime

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from core.cards import Card, Output
from core.faces import geometry, tiles
from core.faces.pyramid import Pyramid
from core.labels import FERPLUS8
from core.output.provenance import Provenance
from core.output.table import columns_for, encode, frame_rows
from core.readings import Answer, Face, FaceQuality, Frame, Reading
from core.streams.smoothing import Smoother
from core.streams.tracking import appearance_of
from webapp.browser import facts

ENGINE = facts.FILE.parent


@pytest.fixture(scope="module")
def engine():
    """Run an expression with a module as `it` in Node: `engine("faces/tiles.js", "it.whole(given, 0)", given)`."""
    if not shutil.which("node"):
        pytest.skip("no Node on this machine")
    process = subprocess.Popen(
        ["node", "--no-warnings", "--input-type=module", "--eval", _LOOP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def call(module, expression, given):
        task = {"module": (ENGINE / module).as_uri(), "expression": expression, "given": given}
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield call
    process.stdin.close()
    process.wait(10)


_LOOP = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { module, expression, given } = JSON.parse(line);
  const it = await import(module);
  const made = new Function("it", "given", `return ${expression}`)(it, given);
  const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);
  console.log(JSON.stringify(made, plain));
}
"""

VALUES = st.lists(st.integers(0, 400).map(lambda value: value / 8), min_size=1, max_size=9)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pixels(picture):
    height, width = picture.shape[:2]
    return {"width": width, "height": height, "channels": 3, "data": picture.ravel().tolist()}


@FEW
@given(VALUES)
def test_numbers(engine, values):
    assert engine("numbers.js", "given.map(it.round)", values) == np.round(values).tolist()
    assert engine("numbers.js", "it.median(given)", values) == np.median(values)
    assert engine("numbers.js", "it.argmax(given)", values) == int(np.argmax(values))


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize(("border", "name"), [(cv2.BORDER_CONSTANT, "constant"), (cv2.BORDER_REFLECT, "reflect")])
def test_patches(engine, border, name, is_mirrored):
    """To a grey level, at one pixel in a thousand: OpenCV rounds in an order of its own."""
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (101, 150, 3)).astype(np.uint8), (5, 5), 0)
    for side, turn in ((40, 12), (130, -30), (420, 0)):
        matrix = geometry.window((70, 60), side, 32, turn=turn)
        matrix = geometry.mirrored(matrix, 32) if is_mirrored else matrix
        task = {"picture": pixels(picture), "matrix": matrix.ravel().tolist(), "border": name}
        patch = engine("faces/pyramid.js", "new it.Pyramid(given.picture).cut(given.matrix, 32, given.border)", task)
        apart = np.abs(np.array(patch["data"]) - Pyramid(picture).cut(matrix, 32, border).ravel().astype(int))
        assert apart.max() <= 1
        assert apart.mean() < 1e-3


@pytest.mark.parametrize(("size", "small"), [((48, 48), (12, 12)), ((48, 48), (24, 24)), ((15, 20), (8, 10))])
def test_shrinking(engine, size, small):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    made = engine("faces/pixels.js", f"it.shrunk(given, {small[1]}, {small[0]})", pixels(picture))
    wanted = cv2.resize(picture, small[::-1], interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(made["data"], wanted.ravel())


def test_colours(engine):
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3)).astype(np.uint8)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).ravel()
    np.testing.assert_array_equal(engine("faces/pixels.js", "it.grey(given)", pixels(picture)), grey)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).ravel().astype(int)
    assert np.abs(np.array(engine("faces/pixels.js", "it.lab(given)", pixels(picture))) - lab).max() <= 1
    appearance = engine("streams/appearance.js", "it.appearanceOf(given)", pixels(picture))
    np.testing.assert_allclose(appearance, appearance_of(picture), atol=2e-3)


@pytest.mark.parametrize("size", [(640, 480), (360, 640), (3000, 40), (9, 9)])
def test_windows(engine, size):
    width, height = size
    wanted = tiles.stream_windows(Pyramid(np.zeros((height, width, 3), np.uint8)))
    made = engine("faces/tiles.js", "it.streamWindows(given)", {"width": width, "height": height})
    np.testing.assert_allclose(made, [matrix.ravel() for matrix in wanted], atol=1e-9)


@FEW
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10_000))
def test_assignment(engine, rows, columns, seed):
    costs = np.random.default_rng(seed).uniform(0, 1, (rows, columns)).round(2)
    pairs = np.array(engine("streams/assignment.js", "it.assignment(given)", costs.tolist()))
    assert len(pairs) == min(rows, columns) == len(set(pairs[:, 0])) == len(set(pairs[:, 1]))
    assert costs[tuple(pairs.T)].sum() == pytest.approx(costs[linear_sum_assignment(costs)].sum())


@FEW
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.4, 2.0]), st.sampled_from([0.0, 0.35]))
def test_smoothing(engine, seed, smoothing_s, unsure_below):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.choice([0.05, 0.3, 0.9, 1.5], 12)).round(3).tolist()
    answers = [dict(zip("abc", rng.dirichlet(np.ones(3)).tolist(), strict=True)) for _ in times]
    smoother = Smoother()
    wanted = [
        smoother.update(1, time_s, {"x": Answer(values, unsure_below)}, smoothing_s)["x"]
        for time_s, values in zip(times, answers, strict=True)
    ]
    steps = [
        {"timeS": time_s, "answers": {"x": {"probabilities": values, "unsureBelow": unsure_below, "held": None}}}
        for time_s, values in zip(times, answers, strict=True)
    ]
    expression = (
        f"given.map(((s) => (step) => s.update(1, step.timeS, step.answers, {smoothing_s}))(new it.Smoother()))"
    )
    for made, answer in zip(engine("streams/smoothing.js", expression, steps), wanted, strict=True):
        assert made["x"]["probabilities"] == pytest.approx(answer.probabilities, abs=1e-12)
        assert made["x"]["held"] == answer.held
        assert made["x"]["unsureBelow"] == pytest.approx(answer.unsure_below)


def test_provenance_is_the_same_and_keeps_what_changed(engine):
    card = Card(
        name="small",
        recipe="quick",
        summary="",
        feature={"name": "pixels", "version": 1},
        outputs={"ferplus8": Output(FERPLUS8.labels, "labels")},
        known_answer={},
        files={"model.tflite": {"sha256": "ab" * 32, "bytes": 3}},
    )
    baseline = "of face 2 and 3, taken in the stream"
    steps = [
        (0.5, Provenance.of(card, "quick", smoothing_s=0.4)),
        (1.25, Provenance.of(card, "quick", smoothing_s=2.0)),
        (2.0, Provenance.of(card, "quick", smoothing_s=2.0, flat_prior=True, baseline=baseline)),
    ]
    wanted = steps[0][1]
    for time_s, later in steps:
        wanted = wanted.then(later, time_s)
    given = {
        "card": facts.of_model(card),
        "steps": [[0.5, 0.4, False, []], [1.25, 2.0, False, []], [2.0, 2.0, True, [2, 3]]],
    }
    expression = (
        "given.steps.map(([timeS, smoothingS, flatPrior, atRest]) =>"
        " [timeS, it.provenanceOf(given.card, { smoothingS, flatPrior }, atRest)])"
        ".reduce((before, [timeS, later]) => (before ? it.thenBy(before, later, timeS) : later), null)"
    )
    made = engine("output/provenance.js", expression, given)
    assert made | {"made": ""} == wanted.facts() | {"made": ""}
    assert datetime.fromisoformat(made["made"]).tzinfo


def test_a_recording_is_the_same_file(engine):
    """Numbers may be written in another way, such as 0 for 0.0; cells are compared."""
    rng = np.random.default_rng(0)
    labels = {"fer7": FERPLUS8.labels[:7], "ferplus8": FERPLUS8.labels}
    frames = []
    for index in range(4):
        answers, raw = (
            {
                name: Answer(dict(zip(names, rng.dirichlet(np.ones(len(names))).tolist(), strict=True)), 0.3)
                for name, names in labels.items()
            }
            for _ in range(2)
        )
        quality = FaceQuality(1, 40, 0, 0, 1, 0.5)
        box = tuple(rng.uniform(0, 99, 4).tolist())
        face = Face(box, 0.9, ((1.0, 1.0), (2.0, 1.0)), (1.5, 2.0), quality, np.zeros((48, 48, 3), np.uint8))
        frames.append(Frame(64, 48, (Reading(face, answers, index + 1, raw),), index, index * 0.123456))
    card = Card(
        name="both",
        recipe="quick",
        summary="",
        feature={"name": "pixels", "version": 1},
        outputs={name: Output(names, "labels") for name, names in labels.items()},
        known_answer={},
        files={"model.tflite": {"sha256": "ab" * 32, "bytes": 3}},
    )
    columns = columns_for(card, raw=True, event=True)
    rows = [row for frame in frames for row in frame_rows(frame, columns)]
    given = {"card": facts.of_model(card), "frames": [_plain(frame) for frame in frames]}
    expression = (
        "((columns) => [columns, it.csv(given.frames.flatMap((frame) => it.frameRows(frame, columns)), columns)])"
        "(it.columnsFor(given.card))"
    )
    made_columns, made = engine("output/table.js", expression, given)
    assert tuple(made_columns) == columns
    wanted = encode(rows, columns, "csv").decode()
    assert [[_cell(cell) for cell in line.split(",")] for line in made.splitlines()] == [
        [_cell(cell) for cell in line.split(",")] for line in wanted.splitlines()
    ]


def _plain(frame):
    def told(answers):
        return {
            name: {"probabilities": dict(answer.probabilities), "unsureBelow": answer.unsure_below, "held": answer.held}
            for name, answer in answers.items()
        }

    readings = [
        {
            "face": {"box": list(reading.face.box), "score": reading.face.score},
            "number": reading.number,
            "answers": told(reading.answers),
            "raw": told(reading.raw),
            "hints": list(reading.face.quality.hints),
        }
        for reading in frame.readings
    ]
    return {"timeS": frame.time_s, "index": frame.index, "readings": readings}


def _cell(text):
    try:
        return float(text)
    except ValueError:
        return text
