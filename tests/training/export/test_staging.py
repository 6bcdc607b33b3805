from pathlib import Path

import pytest

from core.model_store import aside_of
from training.export import staging
from training.export.staging import draft_card


@pytest.fixture
def folders(tmp_path):
    """The new folder and the place where the old one is."""
    new, out = tmp_path / "scratch" / "m", tmp_path / "m"
    for folder, content in ((new, "new"), (out, "old")):
        folder.mkdir(parents=True)
        (folder / "file").write_text(content)
    return new, out


def test_the_new_folder_replaces_the_old_one(folders):
    new, out = folders
    staging._put_in_place(new, out)
    assert (out / "file").read_text() == "new"
    assert not aside_of(out).parent.exists()


@pytest.mark.parametrize("is_between", [True, False])
def test_what_a_killed_run_has_set_aside_goes(folders, is_between):
    new, out = folders
    aside_of(out).parent.mkdir()
    out.rename(aside_of(out)) if is_between else aside_of(out).mkdir()
    staging._put_in_place(new, out)
    assert (out / "file").read_text() == "new"
    assert not aside_of(out).parent.exists()


def test_where_the_new_folder_cannot_be_renamed_the_old_one_stays(folders, monkeypatch):
    new, out = folders
    rename = Path.rename

    def refuse(path, target):
        if path == new:
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="no"):
        staging._put_in_place(new, out)
    assert (out / "file").read_text() == "old"


def test_a_card_is_begun_with_what_every_model_has(tmp_path):
    card = draft_card(
        tmp_path / "m", libraries=["numpy"], recipe="quick", summary="A model.", feature={"name": "pixels"}, outputs={}
    )
    assert card.name == "m"
    assert list(card.versions) == ["numpy"]
    assert card.created
