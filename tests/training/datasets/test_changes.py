import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.labels import FERPLUS8
from training.datasets.cartoon import write_sample
from training.datasets.changes import Change, Changes, beside
from training.datasets.index import Rows
from training.errors import DatasetError


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("changes") / "faces.parquet"
    write_sample(path, 14)
    return Rows.load(path)


@pytest.fixture
def listed(rows, tmp_path):
    return Changes(rows, tmp_path / "list.csv")


def other_label(rows, row):
    return FERPLUS8.labels[(rows.labels[row] + 1) % 7]


def test_each_decision_is_in_the_file_at_once(rows, listed):
    listed.exclude([3])
    listed.relabel([5], other_label(rows, 5))
    listed.tag([5, 6], ["blurred", " two  words ", "blurred"])
    again = Changes(rows, listed.path)
    assert again.rows() == [3, 5, 6]
    assert again[3] == Change(excluded=True)
    assert again[5] == Change(label=other_label(rows, 5), tags=("blurred", "two words"))
    assert again.tags() == ["blurred", "two words"]
    assert again.excluded().tolist() == [3]
    assert not list(listed.path.parent.glob(".*"))


def test_a_list_lies_beside_its_dataset(rows):
    assert Changes(rows).path == beside(rows.path) == rows.path.with_name("faces.changes.csv")
    assert not beside(rows.path).exists()  # until something is decided


def test_undo_goes_back_step_by_step_even_over_several_rows_and_processes(rows, listed):
    listed.exclude([1])
    Changes(rows, listed.path).exclude([1, 2, 3])
    listed.exclude([1], excluded=False)
    assert listed.undo() == [1]
    assert listed.rows() == [1, 2, 3]
    assert listed.undo() == [2, 3]  # row 1 was left out before
    assert listed.undo() == [1]
    assert listed.undo() == []
    assert len(listed) == 0


def test_its_own_label_and_no_tag_are_no_change(rows, listed):
    listed.relabel([2], FERPLUS8.labels[rows.labels[2]])
    listed.tag([2], ["", "  "])
    assert not listed.path.exists()


def test_what_is_exported_has_a_line_for_each_row_and_is_a_list_itself(rows, listed, tmp_path):
    listed.exclude([4])
    listed.exclude([4], excluded=False)
    listed.tag([0], ["a"])
    listed.tag([0], ["b"])
    (line,) = csv.DictReader(io.StringIO(listed.text()))
    assert (line["row"], line["hash"], line["tags"]) == ("0", rows.hashes[0], "b")
    exported = tmp_path / "exported.csv"
    exported.write_text(listed.text(), encoding="utf-8-sig")  # as Excel writes it
    assert Changes(rows, exported)[0] == Change(tags=("b",))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("row,hash\n", "lacks the column"),
        ("HEAD\n0,HASH,,,,\n", "cut short"),
        ("HEAD\n99,HASH,training,sad,,,,1,\n", "another dataset"),
        ("HEAD\n1,HASH,training,sad,,,,1,\n", "another dataset"),
        ("HEAD\n-1,HASH,training,sad,,,,1,\n", "another dataset"),
        ("HEAD\n0,HASH,training,sad,perhaps,,,1,\n", "perhaps"),
        ("HEAD\n0,HASH,training,sad,,cheerful,,1,\n", "no label 'cheerful'"),
        ("\0", "changes|csv"),
    ],
)
def test_what_is_no_list_of_this_dataset_is_refused_with_its_place(rows, tmp_path, broken, words):
    path = tmp_path / "list.csv"
    head = Changes(rows, path).text().strip()
    path.write_text(broken.replace("HEAD", head).replace("HASH", rows.hashes[0]))
    with pytest.raises(DatasetError, match=words) as caught:
        Changes(rows, path)
    assert str(path) in str(caught.value)


def test_bytes_that_are_no_text_are_refused(rows, tmp_path):
    (tmp_path / "list.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="no text"):
        Changes(rows, tmp_path / "list.csv")


def test_what_cannot_be_written_is_said_and_not_shown_as_done(rows, tmp_path):
    (tmp_path / "file").write_text("")
    listed = Changes(rows, tmp_path / "folder" / "list.csv")
    with pytest.raises(DatasetError, match="not made"):
        listed.exclude([0])
    assert len(listed) == 0


decisions = st.lists(
    st.one_of(
        st.tuples(st.just("exclude"), st.integers(0, 13), st.booleans()),
        st.tuples(st.just("relabel"), st.integers(0, 13), st.sampled_from(FERPLUS8.labels)),
        st.tuples(st.just("tag"), st.integers(0, 13), st.lists(st.text(max_size=8), max_size=3)),
    ),
    max_size=8,
)


@given(decisions)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_decisions_are_read_back_and_all_can_be_undone(rows, tmp_path, made):
    path = tmp_path / "any.csv"
    path.unlink(missing_ok=True)
    listed = Changes(rows, path)
    states = [{}]
    for what, row, value in made:
        getattr(listed, what)([row], value)
        state = {number: listed[number] for number in listed.rows()}
        states += [state] if state != states[-1] else []
    again = Changes(rows, path)
    assert {number: again[number] for number in again.rows()} == states[-1]
    for state in reversed(states[:-1]):
        again.undo()
        assert {number: again[number] for number in again.rows()} == state
