import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from core.cli.main import app
from core.errors import SinkError
from core.output import sinks
from core.output import table as tables
from core.output.sinks import merge, open_sink
from core.output.table import COLUMNS, RAW_COLUMNS, encode, frame_rows
from core.readings import Frame

KINDS = ["csv", "jsonl", "parquet", "xlsx"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_holds_the_same(kind, tmp_path, stream, read_table):
    path = tmp_path / f"faces.{kind}"
    with open_sink(path, (*COLUMNS, *RAW_COLUMNS)) as sink:
        for each in stream(30):
            sink.write(each)
        sink.write(Frame(640, 480, (), index=30, time_s=1.2))
    table = read_table(path)
    assert list(table.columns) == [*COLUMNS, *RAW_COLUMNS]
    assert table["frame"].tolist() == [index for index in range(30) for _ in range(2)]
    assert table["face"].tolist() == [7, 8] * 30
    assert table["time_s"].tolist() == pytest.approx([index / 25 for index in range(30) for _ in range(2)])
    assert set(table["label"]) == {"happy"}
    assert table["raw_happy"].tolist() == [0.6] * 60
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / f"again.{kind}").write_bytes(encode(table.to_dict("records"), list(table.columns), kind))
    pd.testing.assert_frame_equal(read_table(tmp_path / f"again.{kind}"), table)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_without_faces_is_an_empty_table(kind, tmp_path, read_table):
    path = tmp_path / f"none.{kind}"
    with open_sink(path) as sink:
        sink.write(Frame(640, 480, ()))
    assert path.exists()
    if kind != "jsonl":
        assert list(read_table(path).columns) == list(COLUMNS)
    assert encode([], COLUMNS, kind) is not None


def test_what_was_written_is_kept_when_the_block_fails(tmp_path, stream, read_table):
    def fail(path):
        with open_sink(path) as sink:
            sink.write(next(stream(1)))
            raise ZeroDivisionError

    for kind in KINDS:
        with pytest.raises(ZeroDivisionError):
            fail(tmp_path / f"kept.{kind}")
        assert len(read_table(tmp_path / f"kept.{kind}")) == 2


def test_an_unknown_name_is_one_sentence_that_lists_the_known():
    with pytest.raises(SinkError, match=r"faces\.ods: the name must end in one of csv, jsonl, parquet, xlsx"):
        open_sink("faces.ods")


@pytest.mark.parametrize("kind", KINDS)
def test_a_place_that_cannot_be_written_is_one_sentence(kind, tmp_path):
    with pytest.raises(SinkError, match="cannot be written"), open_sink(tmp_path / "nowhere" / f"a.{kind}"):
        pass


KILLED = """
import contextlib, sys, time
sys.path[:0] = {paths!r}
from conftest import stream_of
from core.output.sinks import open_sink
with contextlib.ExitStack() as stack:
    sinks = [stack.enter_context(open_sink(path)) for path in sys.argv[1:]]
    for each in stream_of(2600):
        for sink in sinks:
            sink.write(each)
    print("written", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A folder with a table of each kind, of a process that wrote 5,200 rows and was killed before it could finish."""
    folder = tmp_path_factory.mktemp("killed")
    code = KILLED.format(paths=[str(Path(__file__).parent), str(Path.cwd())])
    command = [sys.executable, "-c", code, *(str(folder / f"killed.{kind}") for kind in KINDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "written\n"
        writer.send_signal(signal.SIGKILL)
    return folder


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_are_on_the_disk_at_once(kind, killed, read_table):
    assert len(read_table(killed / f"killed.{kind}")) == 5200


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_a_killed_run_loses_only_the_unfinished_part(kind, killed, read_table):
    path = killed / f"killed.{kind}"
    assert not path.exists()
    with pytest.raises(SinkError, match=f"core recover .*killed.{kind}"), open_sink(path):
        pass
    run = CliRunner().invoke(app, ["recover", str(path)])
    assert (run.exit_code, run.stderr) == (0, "")
    assert "4,000 rows" in run.stdout
    assert read_table(path)["frame"].tolist() == [index for index in range(2000) for _ in range(2)]
    assert not list(killed.glob(f"*{kind}?*"))
    with pytest.raises(SinkError, match="nothing of an unfinished run"):
        merge(path)


@pytest.mark.parametrize("left", [(), ("000000.partial",)])
def test_a_run_that_was_killed_before_its_first_part_is_in_nobodys_way(left, tmp_path, stream, read_table):
    """There is nothing to recover, so nothing is asked of the user."""
    (tmp_path / "t.parquet.parts").mkdir()
    for name in left:
        (tmp_path / "t.parquet.parts" / name).write_bytes(b"half")
    with open_sink(tmp_path / "t.parquet") as sink:
        sink.write(next(stream(1)))
    assert len(read_table(tmp_path / "t.parquet")) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_parts_are_written_at_least_every_ten_seconds(tmp_path, monkeypatch, stream):
    now = [0.0]
    monkeypatch.setattr(sinks.time, "monotonic", lambda: now[0])
    with open_sink(tmp_path / "slow.parquet") as sink:
        for each in stream(3):
            sink.write(each)
            now[0] += 6
        done = sorted((tmp_path / "slow.parquet.parts").glob("*.parquet"))
        assert [pq.read_metadata(part).num_rows for part in done] == [0, 6]


def test_more_rows_than_a_sheet_holds_become_parquet_and_the_error_says_so(tmp_path, monkeypatch, stream, read_table):
    monkeypatch.setattr(tables, "SHEET_ROWS", 100)
    with open_sink(tmp_path / "fits.xlsx") as sink:
        for each in stream(33, faces=3):
            sink.write(each)
    assert len(read_table(tmp_path / "fits.xlsx")) == 99

    def overfill():
        with open_sink(tmp_path / "much.xlsx") as sink:
            for each in stream(50):
                sink.write(each)

    with pytest.raises(SinkError, match=r"100 rows are more than the 100 .* Parquet; nothing is lost.*much\.parquet"):
        overfill()
    assert len(pd.read_parquet(tmp_path / "much.parquet")) == 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fits.xlsx", "much.parquet"]
    with pytest.raises(SinkError, match="choose Parquet"):
        encode([row for each in stream(50) for row in frame_rows(each)], COLUMNS, "xlsx")
