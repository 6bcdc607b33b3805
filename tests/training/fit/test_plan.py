import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core import model_store
from core.recipes import get_recipe
from training.fit.examples import Examples
from training.fit.plan import FitPlan, Material
from training.runs.folder import BEST_HALF, RunPlan

NOTHING = Examples(np.zeros((0, 48, 48, 1), np.uint8), np.zeros(0, int), np.zeros((0, 10), np.uint8))
MATERIAL = Material(Path("d.parquet"), "0" * 32, {"name": "pixels", "version": 1}, NOTHING, NOTHING)


@pytest.fixture
def claimed(tmp_path):
    """Claim a folder for a fit and read the plan in it: `claimed(pretrained=file)`, `claimed(start=file)`."""

    def claim(name="run", pretrained=None, start=None):
        recipe = get_recipe("quick")
        folder = tmp_path / name
        FitPlan(recipe, recipe.settings(), MATERIAL, folder, start=start).claim("tensorflow", pretrained)
        return RunPlan.read(folder)

    return claim


def test_the_file_that_fills_the_backbone_is_noted_and_stays_so_in_what_continues_the_run(claimed, tmp_path):
    file = tmp_path / "trunk.pth"
    file.write_bytes(b"weights")
    noted = {"name": "trunk.pth", "sha256": hashlib.sha256(b"weights").hexdigest()}
    assert claimed(pretrained=file).pretrained == noted
    best = tmp_path / "run" / BEST_HALF
    best.write_bytes(b"better weights")
    assert claimed("on", start=best).pretrained == noted


def test_what_continues_a_model_notes_what_its_card_says(claimed, tmp_path):
    folder = tmp_path / "quick"
    shutil.copytree(model_store.folder_of("quick"), folder)
    assert claimed("plain", start=folder / "model.tflite").pretrained is None
    card = json.loads((folder / "card.json").read_text())
    card["data"]["pretrained"] = {"name": "trunk.pth"}
    (folder / "card.json").write_text(json.dumps(card))
    assert claimed("noted", start=folder / "model.tflite").pretrained == {"name": "trunk.pth"}


def test_weights_alone_tell_nothing_of_what_they_began_with(claimed, tmp_path):
    (tmp_path / "alone.npz").write_bytes(b"weights")
    assert claimed(start=tmp_path / "alone.npz").pretrained is None
