"""Model folders that were tampered with, and cards that lie: one sentence, quickly, and nothing else is read for it."""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core import model_store
from core.cards import Card, file_entry
from core.errors import ModelError
from core.inference import installed
from core.inference.artifact import Artifact, verify
from training.publish import model_card
from training.publish.results_page import models_table

ROOT = Path(__file__).resolve().parents[2]
SHIPPED, OTHER = ROOT / "models" / "flagship", ROOT / "models" / "embedder"

MOST_WORDS, MOST_SECONDS = 700, 2.0


@pytest.fixture
def model(tmp_path, only_models):
    """A copy of `flagship`, the only model installed."""
    only_models(tmp_path / "models")
    return Path(shutil.copytree(SHIPPED, tmp_path / "models" / "flagship"))


def refusal(model):
    """The sentence with which a model folder is refused."""
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        Artifact(model)
    assert time.monotonic() - began < MOST_SECONDS
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < MOST_WORDS
    return sentence


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def grow(path):
    path.write_bytes(path.read_bytes() + b"\0")


def swap(path):
    shutil.copy(OTHER / path.name, path)


HARMS = (cut, flip, grow, swap, Path.unlink)


@pytest.mark.parametrize(
    ("name", "harm"),
    [*(("model.tflite", harm) for harm in HARMS), *(("card.json", harm) for harm in HARMS if harm != flip)],
)
def test_a_tampered_file(model, name, harm):
    harm(model / name)
    assert str(model) in refusal(model)


def test_any_one_byte_of_a_card(model):
    """It is refused in a sentence, or it was a letter of some word: what is run is still the file of its hash."""
    whole = (model / "card.json").read_bytes()
    places = random.Random(0)
    refused, said = 0, ""
    for _ in range(300):
        content = bytearray(whole)
        content[places.randrange(len(content))] = places.randrange(256)
        (model / "card.json").write_bytes(content)
        try:
            entry = Artifact(model).card.files["model.tflite"]
        except ModelError as error:
            refused += 1
            said = str(error)
            continue
        finally:
            assert "\n" not in said
            assert len(said) < MOST_WORDS
        assert entry == ENTRY
    assert 50 < refused < 300


@pytest.mark.parametrize("harm", HARMS)
def test_tampered_weights_are_not_trained_on(model, harm):
    harm(model / "weights.npz")
    Artifact(model)  # which serves without them
    with pytest.raises(ModelError, match=r"weights\.npz"):
        model_store.read_verified(model, Card.load(model), "weights.npz")


def test_a_file_more_is_never_opened(model):
    os.mkfifo(model / "extra.bin")  # whoever opened it would wait for ever
    (model / "model.skops").write_bytes(b"not named by the card")
    assert "fer7" in Artifact(model).card.outputs
    verify("flagship")


def test_another_models_files_with_their_own_hashes(model):
    """Whole, but not what the card tells of."""
    shutil.copy(OTHER / "model.tflite", model)
    change(model, files={"model.tflite": file_entry(model / "model.tflite")})
    with pytest.raises(ModelError, match=r"known answer|gives"):
        verify("flagship")


@pytest.mark.parametrize("name", ["card.json", "model.tflite", "weights.npz"])
@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder", "loop"])
def test_what_is_no_file_of_the_folder_is_not_read(model, tmp_path, name, kind):
    """A link out of the folder, even to a sound copy; a pipe and a device, which have no end."""
    path, outside = model / name, tmp_path / "outside"
    shutil.move(path, outside)
    {
        "link": lambda: path.symlink_to(outside),
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "folder": path.mkdir,
        "loop": lambda: path.symlink_to(path),
    }[kind]()
    done = []

    def ask():
        for call in (lambda: Artifact(model), lambda: model_store.read_verified(model, Card.load(model), name)):
            try:
                call()
            except ModelError as error:
                done.append(str(error))

    asking = threading.Thread(target=ask, daemon=True)  # a read of a pipe would never come back
    asking.start()
    asking.join(20)
    assert not asking.is_alive(), "it waits for a pipe"
    assert len(done) == (1 if name == "weights.npz" else 2)
    assert all(name in sentence for sentence in done)


def test_a_model_folder_may_be_a_link(model, tmp_path, only_models):
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "flagship").symlink_to(model)
    Artifact(tmp_path / "linked" / "flagship")


def change(folder, **fields):
    text = json.dumps(json.loads((folder / "card.json").read_text()) | fields)
    for deep in (400, 2000):
        text = text.replace(f'"{deep} deep"', '{"a":' * deep + "{}" + "}" * deep)
    (folder / "card.json").write_text(text)


HUGE = "x" * 900_000
PRIVATE = json.loads((SHIPPED / "card.json").read_text())["metrics"]["private_test"]
OUTPUT = json.loads((SHIPPED / "card.json").read_text())["outputs"]["fer7"]
ENTRY = json.loads((SHIPPED / "card.json").read_text())["files"]["model.tflite"]
HOSTILE = {
    "a path out of the folder": {"files": {"../other/model.tflite": ENTRY}},
    "an absolute path": {"files": {"/etc/passwd": ENTRY}},
    "a path with a zero byte": {"files": {"model.tflite\0": ENTRY}},
    "a name that leaves the folder": {"name": "../quick"},
    "a name as long as a book": {"name": HUGE},
    "a huge file": {"files": {"model.tflite": ENTRY | {"bytes": 10**18}}},
    "a huge file, as a float": {"files": {"model.tflite": ENTRY | {"bytes": 1e30}}},
    "a hundred thousand labels": {"outputs": {"fer7": OUTPUT | {"labels": [str(i) for i in range(100_000)]}}},
    "labels of another order": {"outputs": {"fer7": OUTPUT | {"labels": OUTPUT["labels"][::-1]}}},
    "a label set nobody knows": {"outputs": {HUGE: OUTPUT}},
    "a temperature that is no number": {"outputs": {"fer7": OUTPUT | {"temperature": float("nan")}}},
    "a temperature of zero": {"outputs": {"fer7": OUTPUT | {"temperature": 0}}},
    "an endless temperature": {"outputs": {"fer7": OUTPUT | {"temperature": float("inf")}}},
    "a temperature of 400 digits": {"outputs": {"fer7": OUTPUT | {"temperature": 10**400}}},
    "a bar that is no number": {"outputs": {"fer7": OUTPUT | {"unsure_below": "0.5"}}},
    "an unknown field": {HUGE: 1},
    "an unknown field in two lines": {"a\nb": 1},
    "an unknown field of an output": {"outputs": {"fer7": OUTPUT | {HUGE: 1}}},
    "a feature nobody knows": {"feature": {"name": HUGE, "version": 1}},
    "a version as long as a book": {"feature": {"name": "pixels", "version": HUGE}},
    "deep nesting": {"data": "2000 deep"},
    "outputs as a list": {"outputs": [1, 2]},
    "files as a text": {"files": "model.tflite"},
    "metrics of words": {"metrics": {"private_test": PRIVATE | {"accuracy": "high"}}},
    "an interval of one": {"metrics": {"private_test": PRIVATE | {"accuracy_interval": [0.5]}}},
    "figures by class that do not match": {"metrics": {"private_test": PRIVATE | {"f1": {"happy": 1.0}}}},
    "a figure of text by class": {"metrics": {"private_test": PRIVATE | {"recall": {"happy": "x"}}}},
    "copies of text": {"metrics": {"private_test": PRIVATE | {"copies": "many"}}},
    "an interval without its figures": {"metrics": {"private_test": {"accuracy_interval": [0.1, 0.2]}}},
    "a source without a name": {"data": {"source": {"a": 1}}},
    "pretrained weights as a text": {"data": {"pretrained": "/etc/passwd"}},
    "priors of a thousand numbers": {"data": {"priors": {"fer7": [0.1] * 1000}}},
    "a known answer of text": {"known_answer": {"fer7": ["1"] * 7}},
}


@pytest.mark.parametrize("fields", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_card(model, fields):
    change(model, **fields)
    assert "card.json" in refusal(model)
    assert installed.installed() == {}


@pytest.mark.parametrize("text", ["[" * 400_000, '{"a":' * 200_000, "1" * 900_000, '"' + "\\u0000" * 100_000 + '"'])
def test_a_card_that_is_hard_to_read(model, text):
    (model / "card.json").write_text(text)
    assert "card.json" in refusal(model)


HARMLESS = {
    "deep nesting that Python still reads": {"data": "400 deep"},
    "settings of any kind": {"settings": {"width": [1, {"a": None}], HUGE[:1000]: "../x"}},
    "markup": {"summary": "<script>alert(1)</script> ![](http://127.0.0.1:9/x.png)", "command": "`rm -rf`"},
    "a metric nobody knows": {"metrics": {"moon": {"x": [1]}}},
    "no figures": {"metrics": {"private_test": {}}},
    "copies as a number": {"metrics": {"private_test": PRIVATE | {"copies": 3}}},
}


@pytest.mark.parametrize("fields", HARMLESS.values(), ids=HARMLESS)
def test_a_strange_card_can_be_shown(model, fields):
    change(model, **fields)
    card = Artifact(model).card
    assert "flagship" in models_table([card])
    model_card.text(card)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"blocks": 10**9}, {"width": 10**9}, {"heads": "4"}, {"width": float("1e300")}])
def test_a_card_that_asks_for_a_huge_network(command, settings, tmp_path):
    """What is rebuilt from a card is refused before it is allocated: the process may have 6 GB of addresses."""
    folder = command.home / "models" / "mesh-transformer"
    shutil.copytree(SHIPPED, folder)
    change(folder, name="mesh-transformer", recipe="mesh-transformer", settings=settings)
    began = time.monotonic()

    def little_memory():
        resource.setrlimit(resource.RLIMIT_AS, (12 * 2**30, 12 * 2**30))

    run = command("training", "export", folder.name, "--out", tmp_path / "a.tflite", preexec_fn=little_memory)
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    assert run.stderr.count("error: ") == 1
    assert time.monotonic() - began < 120


def test_nothing_outside_of_the_folder_is_opened(model, tmp_path):
    """What a process opens while it refuses or loads each of these folders, as the interpreter itself tells it."""
    secret = tmp_path / "secret"
    secret.write_text("nobody's business")
    folders = []
    for number, fields in enumerate(HOSTILE.values()):
        folder = tmp_path / f"hostile-{number}" / "flagship"
        shutil.copytree(model, folder)
        change(folder, **fields)
        (folder / "extra").symlink_to(secret)
        folders.append(folder)
    linked = tmp_path / "linked" / "flagship"
    shutil.copytree(model, linked)
    (linked / "card.json").unlink()
    (linked / "card.json").symlink_to(secret)
    code = """
import json, sys
from pathlib import Path
from core.inference.artifact import Artifact
from core.errors import ModelError
Artifact(Path(sys.argv[1]))  # everything is imported now
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
for folder in map(Path, sys.argv[2:]):
    try:
        Artifact(folder)
        raise SystemExit(f"{folder} is not refused")
    except ModelError:
        pass
print(json.dumps(opened))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(model), *map(str, folders), str(linked)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    opened = json.loads(run.stdout.splitlines()[-1])
    assert len(opened) >= len(folders) - 1
    inside = {str(folder / name) for folder in folders for name in ("card.json", "model.tflite")}
    assert set(opened) <= inside
