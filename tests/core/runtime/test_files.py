import pytest

from core.errors import MienError
from core.runtime.files import keep_inputs


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "photo.csv"
    path.write_text("kept")
    return path


@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
def test_an_input_is_no_target_under_any_name(picture, tmp_path, link):
    (tmp_path / "sub").mkdir()
    target = tmp_path / "sub" / ".." / "photo.csv"
    if link:
        target = tmp_path / "other.csv"
        getattr(target, link)(picture)
    with pytest.raises(MienError, match="is one of the files to read"):
        keep_inputs([None, target], [tmp_path / "nowhere.jpg", None, picture])
    assert picture.read_text() == "kept"


def test_everything_else_may_be_written(picture, tmp_path):
    keep_inputs([tmp_path / "new.csv", picture, None], [tmp_path, tmp_path / "new.csv", None])
