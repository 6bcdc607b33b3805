"""Fitting, in a process of its own for each test: TensorFlow must not share one with the app's tests."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PRELUDE = """
import csv, os, signal, sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from core.models import get_recipe
from training.errors import TrainingError
from training.fit import Examples, fit

recipe = get_recipe("quick")
settings = replace(recipe.settings(), epochs=3, batch=16)
rng = np.random.default_rng(0)
labels = rng.integers(0, 7, 64)
features = rng.integers(0, 100, (64, 48, 48, 1)).astype(np.uint8)
for row, label in enumerate(labels):
    features[row, 6 * label : 6 * label + 6] = 250
examples = Examples(features, {"fer7": np.eye(7, dtype=np.float32)[labels]})
folder = Path(sys.argv[1])
"""


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), str(folder)], capture_output=True, text=True, cwd=ROOT
    )


def test_it_learns_and_goes_on_after_a_kill_as_if_nothing_had_happened(tmp_path):
    whole = run("fit(recipe, settings, examples, examples, folder)", tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    killed = run(
        """
        def kill_after_two(line):
            if line.startswith("epoch 2"):
                os.kill(os.getpid(), signal.SIGKILL)

        fit(recipe, settings, examples, examples, folder, say=kill_after_two)
        """,
        tmp_path / "killed",
    )
    assert killed.returncode == -9
    resumed = run(
        """
        said = []
        fit(recipe, settings, examples, examples, folder, say=said.append)
        assert [line.split("  ")[0] for line in said] == ["epoch 3"], said
        """,
        tmp_path / "killed",
    )
    assert resumed.returncode == 0, resumed.stderr
    compared = run(
        """
        first, second = (list(csv.DictReader(open(folder / name / "history.csv"))) for name in ("whole", "killed"))
        assert [row["epoch"] for row in second] == ["1", "2", "3"]
        assert float(first[-1]["loss"]) < float(first[0]["loss"])
        assert first[1]["loss"] == second[1]["loss"]
        """,
        tmp_path,
    )
    assert compared.returncode == 0, compared.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("fit(recipe, replace(settings, batch=65), examples, examples, folder)", "do not fill one batch"),
        ("fit(recipe, replace(settings, learning_rate=1e9), examples, examples, folder)", "no longer a number"),
    ],
)
def test_what_cannot_be_trained_is_said_in_words(tmp_path, code, words):
    outcome = run(f"try:\n    {code}\nexcept TrainingError as error:\n    print(error)", tmp_path)
    assert words in outcome.stdout, outcome.stderr
