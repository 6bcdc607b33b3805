import pytest

from training.export import staging as module
from training.export.staging import exchange


@pytest.fixture(params=["at one stroke", "in three steps"])
def two(request, tmp_path, monkeypatch):
    """Two folders with a file each, on a system that has the call and on one that has not."""
    if request.param == "in three steps":
        monkeypatch.setattr(module, "_swapped", lambda one, other: False)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path / "one", tmp_path / "other"


def test_they_change_places(two, tmp_path):
    one, other = two
    exchange(one, other)
    assert (one / "file").read_text() == "other"
    assert (other / "file").read_text() == "one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_where_one_is_missing_the_other_stays(two, tmp_path):
    other = two[1]
    with pytest.raises(OSError, match="No such file"):
        exchange(tmp_path / "none", other)
    assert (other / "file").read_text() == "other"
