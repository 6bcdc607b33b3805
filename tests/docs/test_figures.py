"""Every committed figure belongs to the committed model, and every generated text is what the stored figures give.

`make figures` writes the texts and the chart again; figures of another model than the committed one are measured again
by `make figures FULL=1`.
"""

import csv
import hashlib
import json
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest

from core.cards import Card
from core.inference.installed import installed
from training.evaluation import measurement, robustness, subtle
from training.evaluation.ledger import artifact_hash
from training.evaluation.predictions import kept_path, read_published
from training.publish import model_card
from training.publish.results_page import CHART, models_table, write_between, write_results

ROOT = Path(__file__).resolve().parents[2]


def shipped(root):
    """The cards of the models in git, by name; others that a contributor has trained beside them are ignored there."""
    lines = (root / ".gitignore").read_text().splitlines()
    ignored = [Path(line).name for line in lines if line.startswith("/models/")]
    folders = sorted(path.parent for path in root.glob("models/*/card.json"))
    return {
        folder.name: Card.load(folder)
        for folder in folders
        if not any(fnmatch(folder.name, pattern) for pattern in ignored)
    }


def misfits(root):
    """Say which stored figures below a folder are not of the model there, or not of one in the ledger."""
    docs, cards = root / "docs", shipped(root)
    measured = {one.card.name: one for one in measurement.stored(docs / "reports")}
    with open(docs / "ledger.csv", newline="", encoding="utf-8") as lines:
        ledger = {
            (row["model"], row["artifact"], row["dataset"]): row
            for row in csv.DictReader(lines)
            if row["split"] == "private-test"
        }
    if len({one.dataset for one in measured.values()}) > 1:
        yield "reports: of several datasets"
    for name, one in measured.items():
        row = ledger.get((name, artifact_hash(one.card), one.dataset))
        if row is None:
            yield f"reports/{name}.json: not in the ledger"
        elif float(row["accuracy"]) != one.report.accuracy:
            yield f"reports/{name}.json: the ledger has another accuracy"
        if abs(one.correct.mean() - one.report.accuracy) > 1e-5:
            yield f"reports/{name}.json: its accuracy is not that of its answers"
        for split, told in one.card.metrics.items():
            for figure in ("accuracy", "ece"):
                low, high = told[f"{figure}_interval"]
                if not low <= told[figure] <= high:
                    yield f"reports/{name}.json: {figure} on {split} lies outside its interval"
    kinds = {"robustness": robustness.stored(docs / "robustness"), "subtle": subtle.stored(docs / "subtle")}
    for kind, found in kinds.items():
        for one in found:
            if one.model in measured and one.artifact != artifact_hash(measured[one.model].card):
                yield f"{kind}/{one.model}.json: of another model than its report"
            if (one.model, one.artifact, one.dataset) not in ledger:
                yield f"{kind}/{one.model}.json: not in the ledger"
        yield from (f"{kind}/{name}.json: missing" for name in cards.keys() - {one.model for one in found})
    for name, card in cards.items():
        yield from _of_the_model(root, card, measured.get(name))
    for path in (docs / "predictions").glob("*.npz"):
        if path.stem not in cards:
            yield f"predictions/{path.name}: of no model in git"


def _of_the_model(root, card, measured):
    for file, entry in card.files.items():
        if hashlib.sha256((root / "models" / card.name / file).read_bytes()).hexdigest() != entry["sha256"]:
            yield f"models/{card.name}/{file}: not the file that its card names"
    if measured is None:
        yield f"reports/{card.name}.json: missing"
        return
    if measured.card.files != card.files or measured.card.outputs != card.outputs:
        yield f"reports/{card.name}.json: of another model than models/{card.name}"
    if measured.card.metrics != card.metrics:
        yield f"models/{card.name}/card.json: other figures than its report"
    made_by = kept_path(card, measured.dataset, "public-test").stem
    answers = read_published(card, made_by, root / "docs" / "predictions")
    if answers is None:
        yield f"predictions/{card.name}.npz: not of models/{card.name}"
        return
    label_set, output = next(iter(card.outputs.items()))
    seen = answers[label_set][~np.isnan(answers[label_set][:, 0])].argmax(axis=1)
    told = np.array(card.metrics["public_test"]["confusion"]).sum(axis=0)[: len(output.labels)]
    if abs(np.bincount(seen, minlength=len(told)) - told).sum() > 10:  # a tie may be decided in another way elsewhere
        yield f"predictions/{card.name}.npz: other answers than the model's figures"


def stale(root, scratch):
    """Name the generated files below a folder that are not what its stored figures and its models give."""
    docs, cards = root / "docs", shipped(root)
    stored = measurement.stored(docs / "reports"), robustness.stored(docs / "robustness")
    write_results(*stored, scratch / "results.md", subtle.stored(docs / "subtle"))
    shutil.copy(root / "README.md", scratch)
    in_order = [name for name in installed() if name in cards]
    write_between(scratch / "README.md", "models", models_table(cards[name] for name in in_order))
    pairs = [(docs / name, scratch / name) for name in ("results.md", CHART)]
    pairs.append((root / "README.md", scratch / "README.md"))
    for name, card in cards.items():
        (scratch / f"{name}.md").write_text(model_card.text(card), encoding="utf-8")
        pairs.append((root / "models" / name / model_card.FILE, scratch / f"{name}.md"))
    return [str(found.relative_to(root)) for found, made in pairs if found.read_bytes() != made.read_bytes()]


PAGES = (
    "README.md",
    "CHANGELOG.md",
    "packaging/*/README.md",
    "docs/*.md",
    "docs/how-to/*.md",
    "docs/explanations/*.md",
)
MEASURED_ELSEWHERE = {"results.md", "benchmarks.md", "reliability.md"}
QUOTED = re.compile(
    r"`(?P<model>[a-z][a-z0-9-]+)`|(?P<share>\d+\.\d)% of (?P<split>PublicTest|PrivateTest)"
    r"|(?P<size>\d+\.\d MB)|(?P<time>\d+\.\d+) ms a face"
)


def quotes(root):
    """The figures of models that handwritten pages quote, each as page, model, what is told, and what is measured.

    A figure belongs to the model that was named last in the same paragraph.
    """
    measured = {one.card.name: one for one in measurement.stored(root / "docs" / "reports")}
    for page in sorted(path for pattern in PAGES for path in root.glob(pattern)):
        if page.name in MEASURED_ELSEWHERE:
            continue
        text, one = page.read_text(encoding="utf-8"), None
        for paragraph in re.split(r"\n\s*\n|\n\s*- |\n\|", text):
            one = None
            for found in QUOTED.finditer(paragraph.replace("\n  ", " ").replace("\n", " ")):
                if found["model"]:
                    one = measured.get(found["model"])
                elif one:
                    yield page.relative_to(root), one.card.name, found[0], _measured(one, found)


def _measured(one, found):
    if found["size"]:
        return measurement.megabytes(one.card)
    if found["time"]:
        decimals = len(found["time"].partition(".")[2])
        return f"{one.milliseconds:.{decimals}f} ms a face"
    split = {"PublicTest": "public_test", "PrivateTest": "private_test"}[found["split"]]
    return f"{one.card.metrics[split]['accuracy']:.1%} of {found['split']}"


def test_every_stored_figure_is_of_the_model_in_git():
    assert list(misfits(ROOT)) == []


def test_every_generated_text_is_what_the_stored_figures_give(tmp_path):
    assert stale(ROOT, tmp_path) == []


def test_figures_that_are_quoted_by_hand_are_the_measured_ones():
    found = list(quotes(ROOT))
    assert len(found) >= 5
    assert [quote for quote in found if quote[2] != quote[3]] == []


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("make"), reason="needs make, in a clone")
def test_one_command_writes_all_of_them_and_packs_afterwards():
    done = ("-o", "system-libraries", "-o", "assets", "-o", ".venv/dev.stamp", "-o", ".venv/app.stamp")
    lines = subprocess.run(
        ["make", "-n", "figures", *done], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    steps = ["compare", "models", "space/assemble", "static_space/assemble", "pip wheel", "mkdocs build"]
    assert [step for line in lines for step in steps if f" {step}" in line or f"/{step}" in line] == steps
    (table,) = (line for line in lines if "training models" in line)
    assert set(shipped(ROOT)) <= set(table.split())


@pytest.fixture
def copy(tmp_path):
    """A copy of what these tests read, to be tampered with."""
    root = tmp_path / "project"
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("images"))
    for name in ("README.md", ".gitignore"):
        shutil.copy(ROOT / name, root)
    for name in shipped(ROOT):
        shutil.copytree(ROOT / "models" / name, root / "models" / name)
    return root


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def retrain(root):
    """Another model under the same name, as a training leaves it: the file and its hash in the card."""
    path = root / "models" / "quick" / "model.tflite"
    path.write_bytes(path.read_bytes() + b"\0")
    card = json.loads((root / "models" / "quick" / "card.json").read_text())
    edit(
        root / "models" / "quick" / "card.json",
        card["files"]["model.tflite"]["sha256"],
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def spoil_artifact(root, kind):
    path = root / "docs" / kind / "quick.json"
    edit(path, json.loads(path.read_text())["artifact"], 64 * "0")


def raise_accuracy(root):
    path = root / "docs" / "reports" / "quick.json"
    stored = json.loads(path.read_text())
    stored["card"]["metrics"]["private_test"]["accuracy"] += 0.01
    path.write_text(json.dumps(stored))


def forget_in_ledger(root, name):
    path = root / "docs" / "ledger.csv"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if f",{name}," not in line))


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (
            retrain,
            {"reports/quick.json: of another model than models/quick", "predictions/quick.npz: not of models/quick"},
        ),
        (
            lambda root: (root / "models" / "quick" / "model.tflite").write_bytes(b"another"),
            {"models/quick/model.tflite: not the file that its card names"},
        ),
        (
            raise_accuracy,
            {
                "reports/quick.json: the ledger has another accuracy",
                "reports/quick.json: its accuracy is not that of its answers",
                "models/quick/card.json: other figures than its report",
            },
        ),
        *(
            (
                lambda root, kind=kind: spoil_artifact(root, kind),
                {f"{kind}/quick.json: of another model than its report", f"{kind}/quick.json: not in the ledger"},
            )
            for kind in ("robustness", "subtle")
        ),
        (
            lambda root: shutil.copy(root / "docs/predictions/wide.npz", root / "docs/predictions/quick.npz"),
            {"predictions/quick.npz: not of models/quick"},
        ),
        (
            lambda root: (root / "docs/subtle/quick.json").unlink(),
            {"subtle/quick.json: missing"},
        ),
        (
            lambda root: forget_in_ledger(root, "cnn"),
            {"reports/cnn.json: not in the ledger", "reports/cnn-seed.json: not in the ledger"},
        ),
    ],
)
def test_a_figure_of_another_model_is_noticed(copy, tamper, told):
    tamper(copy)
    assert set(misfits(copy)) == told


def test_a_typed_figure_is_noticed(copy, tmp_path):
    edit(copy / "README.md", "72.5% (", "73.5% (")
    edit(copy / "docs" / "results.md", "72.5% (", "73.5% (")
    edit(copy / "docs" / CHART, "<!-- wide -->", "<!-- narrow -->")
    edit(copy / "models" / "wide" / "README.md", "72.5% (", "73.5% (")
    edit(copy / "docs" / "experiments.md", "72.5% of PrivateTest", "73.5% of PrivateTest")
    assert stale(copy, tmp_path) == ["docs/results.md", "docs/robustness.svg", "README.md", "models/wide/README.md"]
    wrong = [quote[1:] for quote in quotes(copy) if quote[2] != quote[3]]
    assert wrong == [("wide", "73.5% of PrivateTest", "72.5% of PrivateTest")]
