import numpy as np
import pytest

from training.errors import TrainingError
from training.files import kept


def test_what_was_made_once_is_read_the_next_time(tmp_path):
    path = tmp_path / "new" / "a.npz"
    made = kept(path, lambda: {"values": np.arange(3), "found": np.ones(2, bool)})
    again = kept(path, lambda: pytest.fail("made again"))
    assert made.keys() == again.keys()
    assert all(np.array_equal(made[name], again[name]) for name in made)
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_file_is_made_anew(tmp_path):
    path = tmp_path / "a.npz"
    kept(path, lambda: {"values": np.arange(1000)})
    path.write_bytes(path.read_bytes()[:100])
    assert kept(path, lambda: {"values": np.arange(2)})["values"].tolist() == [0, 1]
    assert kept(path, lambda: pytest.fail("made again"))["values"].tolist() == [0, 1]


def test_so_is_one_that_python_cannot_unpack(tmp_path):
    path = tmp_path / "a.npz"
    kept(path, lambda: {"values": np.arange(1000)})
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 6] = 252  # the version of zip that it takes to read it
    path.write_bytes(content)
    assert kept(path, lambda: {"values": np.arange(2)})["values"].tolist() == [0, 1]


def test_where_nothing_can_be_written_one_sentence_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match=r"a\.npz: cannot be written"):
        kept(tmp_path / "file" / "a.npz", lambda: {"values": np.arange(2)})


def test_what_cannot_be_computed_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        kept(tmp_path / "a.npz", lambda: {"values": np.array([1 / 0])})
    assert list(tmp_path.iterdir()) == []
