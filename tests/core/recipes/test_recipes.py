"""The registry, with recipes of this package and of files that `MIEN_RECIPES` names."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import recipes as registry
from core.features import FEATURES
from core.labels import LABEL_SETS
from core.recipes import UnknownRecipeError, get_recipe, recipes, register

ROOT = Path(__file__).resolve().parents[3]
RECIPE = """
from __future__ import annotations

from dataclasses import dataclass
from core.recipes import FitSettings, Recipe, register, setting

@dataclass(frozen=True)
class OwnSettings(FitSettings):
    width: int = setting(4, least=1)

def build(settings):
    import keras

register(Recipe("NAME", "Made up.", "pixels", ("fer7",), OwnSettings, build))
"""


@pytest.mark.parametrize("name", recipes())
def test_every_recipe_is_whole(name):
    recipe = get_recipe(name)
    assert recipe.name == name
    assert recipe.feature in FEATURES
    assert set(recipe.label_sets) <= set(LABEL_SETS)
    assert dataclasses.is_dataclass(recipe.settings)
    assert recipe.settings() == recipe.settings()


def test_a_name_is_given_once():
    recipe = get_recipe("quick")
    with pytest.raises(ValueError, match="registered already"):
        register(dataclasses.replace(recipe, summary="another one"))


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(UnknownRecipeError, match="quick"):
        get_recipe("nope")


@pytest.fixture
def name_files(tmp_path, monkeypatch):
    """Write recipe files and name them in the environment: `name_files(**{"own": text})`."""
    monkeypatch.setattr(registry, "_RECIPES", dict(recipes()))

    def write(**files):
        paths = [tmp_path / f"{name}.py" for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text)
            monkeypatch.delitem(sys.modules, str(path), raising=False)
        monkeypatch.setenv("MIEN_RECIPES", os.pathsep.join(map(str, paths)))
        return paths

    return write


def test_files_that_are_named_are_found_like_the_projects_own(name_files):
    name_files(one=RECIPE.replace("NAME", "one"), other=RECIPE.replace("NAME", "other"))
    assert get_recipe("one").settings().width == 4
    assert {"one", "other", "quick"} <= recipes().keys()
    assert recipes() == recipes()


def test_a_file_that_is_gone_hides_no_other_and_is_named_where_it_is_missed(name_files):
    (path,) = name_files(own=RECIPE.replace("NAME", "own"))
    path.unlink()
    assert "quick" in recipes()
    with pytest.raises(UnknownRecipeError, match=r"MIEN_RECIPES names .*own\.py, which is no Python file"):
        get_recipe("own")


def test_a_mistake_in_a_file_is_shown_each_time(name_files):
    name_files(own="1 / 0")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            recipes()


def test_a_name_that_is_taken_is_refused(name_files):
    name_files(own=RECIPE.replace("NAME", "quick"))
    with pytest.raises(ValueError, match="registered already"):
        recipes()


def test_the_command_line_offers_it(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(RECIPE.replace("NAME", "a-recipe-of-mine"))
    command = [sys.executable, "-m", "training", "train", "--help"]
    told = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"MIEN_RECIPES": str(path), "COLUMNS": "400"},
    )
    assert "a-recipe-of-mine" in told.stdout


def test_listing_the_recipes_imports_no_keras():
    code = (
        "import sys; from core.recipes import recipes; recipes(); assert not {'keras', 'tensorflow'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
