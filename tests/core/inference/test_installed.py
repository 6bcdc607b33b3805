import json
import shutil

import pytest

from core import model_store
from core.cards import Card
from core.cli import doctor
from core.errors import ModelError
from core.inference import installed
from core.runtime import paths

QUICK = model_store.folder_of("quick")


@pytest.fixture
def models(tmp_path, only_models):
    """A models folder with three copies of one model: a, b, and quick."""
    for name in ("a", "b", "quick"):
        folder = tmp_path / "models" / name
        shutil.copytree(QUICK, folder)
        change(folder, name=name)
    only_models(tmp_path / "models")
    return tmp_path / "models"


def change(folder, **fields):
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_the_chosen_default_comes_first(models):
    assert list(installed.installed()) == ["quick", "a", "b"]
    installed.set_default("b")
    assert (models / installed.DEFAULT_FILE).read_text() == "b\n"
    assert installed.default_model() == "b"
    assert list(installed.installed()) == ["b", "quick", "a"]
    installed.set_default("a")
    assert installed.default_model() == "a"
    assert [path.name for path in models.iterdir() if path.is_file()] == [installed.DEFAULT_FILE]


@pytest.mark.parametrize("content", [b"", b"gone\n", b"../b\n", b"\xff\xfe\x00", b"b\nquick\n"])
def test_a_choice_that_means_nothing_is_passed_over(models, content):
    (models / installed.DEFAULT_FILE).write_bytes(content)
    assert installed.default_model() == "quick"


def test_a_folder_in_the_place_of_the_file(models):
    (models / installed.DEFAULT_FILE).mkdir()
    assert installed.default_model() == "quick"
    with pytest.raises(ModelError, match=r"default\.txt: cannot be written"):
        installed.set_default("b")


def test_the_doctor_names_a_default_that_is_gone(models):
    installed.set_default("b")
    assert all(check.ok for check in doctor._models())
    shutil.rmtree(models / "b")
    (failed,) = (check for check in doctor._models() if not check.ok)
    assert "names 'b', which cannot be used" in failed.message


def test_only_what_can_be_used_becomes_the_default(models):
    change(models / "a", outputs={})
    with pytest.raises(ModelError, match="'a' is damaged"):
        installed.set_default("a")
    with pytest.raises(ModelError, match="no model named 'c' is installed"):
        installed.set_default("c")
    assert installed.chosen_default() is None


def test_a_deleted_model_is_gone(models):
    installed.remove("a")
    assert list(installed.installed()) == ["quick", "b"]
    assert not (models / "a").exists()


def test_the_default_is_kept_until_another_is_chosen(models):
    with pytest.raises(ModelError, match="quick is the default; make another model the default first"):
        installed.remove("quick")
    installed.set_default("a")
    installed.remove("quick")
    assert list(installed.installed()) == ["a", "b"]


def test_the_last_model_is_kept(models):
    installed.remove("a")
    installed.remove("b")
    with pytest.raises(ModelError, match="quick is the only model"):
        installed.remove("quick")
    assert installed.default_model() == "quick"


def test_a_model_that_another_one_sees_with_is_kept(models):
    (models / "b").rename(models / "embedder")
    change(models / "embedder", name="embedder")
    change(models / "a", feature={"name": "embedding", "version": 1})
    with pytest.raises(ModelError, match="a cannot read a face without embedder"):
        installed.remove("embedder")
    installed.remove("a")
    installed.remove("embedder")


def test_what_is_no_model_is_not_deleted(models):
    (models / "notes").mkdir()
    for name in ("notes", "..", "../models/a", ""):
        with pytest.raises(ModelError, match="no model named"):
            installed.remove(name)
    assert (models / "notes").exists()


def test_a_linked_folder_is_left_alone(models, tmp_path):
    (models / "b").rename(tmp_path / "b")
    (models / "b").symlink_to(tmp_path / "b")
    with pytest.raises(ModelError, match="cannot be deleted"):
        installed.remove("b")
    assert (tmp_path / "b" / "card.json").exists()


def test_what_came_with_the_package_goes_with_it(models, monkeypatch):
    monkeypatch.setattr(installed, "INSTALLED", True)
    monkeypatch.setattr(paths, "SHIPPED", models)
    with pytest.raises(ModelError, match="a came with the package"):
        installed.remove("a")
    assert (models / "a").exists()


def test_a_default_can_be_chosen_before_there_is_a_models_folder(models, monkeypatch, tmp_path):
    here = tmp_path / "elsewhere" / "models"
    monkeypatch.setattr(paths, "model_folders", lambda: [here, models])
    installed.set_default("b")
    assert installed.default_model() == "b"


@pytest.mark.parametrize("name", ["nope", "../quick", "", ".", "/"])
def test_an_unknown_model_is_an_error_that_lists_the_known_ones(models, name):
    with pytest.raises(ModelError, match="quick"):
        model_store.folder_of(name)


def test_without_any_model_the_error_says_how_to_make_one(tmp_path, only_models):
    only_models(tmp_path)
    assert installed.installed() == {}
    with pytest.raises(ModelError, match="training train quick"):
        installed.default_model()


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The four places where models are looked for, by name, all empty."""
    places = {name: tmp_path / name / "models" for name in ("named", "here", "package", "cache")}
    for place in places.values():
        place.mkdir(parents=True)
    monkeypatch.setenv("MIEN_MODELS", str(places["named"]))
    monkeypatch.chdir(places["here"].parent)
    monkeypatch.setattr(paths, "SHIPPED", places["package"])
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: places["cache"].parent)
    return places


@pytest.mark.parametrize(
    ("data", "metrics", "words"),
    [
        ({"name": "fer2013.parquet"}, {"private_test": {"accuracy": 0.664}}, "66% right on FER2013"),
        ({"name": "my-faces.parquet"}, {"private_test": {"accuracy": 0.33}}, "33% right on my-faces"),
        ({"name": "a.parquet"}, {"private_test": {"accuracy": 0.33, "dataset": "b.parquet"}}, "33% right on b"),
        ({"calibrated_on": "c.parquet"}, {"private_test": {"accuracy": 0.5}}, "50% right on c"),
        ({}, {"private_test": {"accuracy": 0.5}}, "50% right"),
        ({"name": "my-faces.parquet"}, {"public_test": {"accuracy": 0.33}}, ""),
    ],
)
def test_a_model_is_described_by_what_its_card_says(data, metrics, words):
    assert installed.described(Card("m", "quick", "", {}, {}, {}, {}, metrics, data)) == words


def test_models_are_looked_for_in_four_places_and_the_first_wins(places):
    for place in places.values():
        shutil.copytree(QUICK, place / "quick")
    for place in places.values():
        assert model_store.folder_of("quick") == place / "quick"
        assert list(installed.installed()) == ["quick"]
        shutil.rmtree(place / "quick")
    assert installed.installed() == {}


def test_of_a_damaged_model_no_later_place_takes_the_name(places):
    """What `installed` lists is what `folder_of` gives; `doctor` names the damage."""
    shutil.copytree(QUICK, places["package"] / "quick")
    (places["here"] / "quick").mkdir()
    (places["here"] / "quick" / "card.json").write_text("{}")
    assert installed.installed() == {}
    assert model_store.folder_of("quick") == places["here"] / "quick"


def test_a_new_model_goes_to_the_first_place(places, monkeypatch):
    assert paths.model_folders()[0] == places["named"]
    monkeypatch.delenv("MIEN_MODELS")
    assert paths.model_folders()[0] == places["here"]
