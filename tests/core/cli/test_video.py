import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage.data import astronaut
from typer.testing import CliRunner

from core.cli.main import app
from core.errors import MienError
from core.output.table import CLIP_COLUMNS, COLUMNS, RAW_COLUMNS
from core.video.clip import Clip, probe


def core(*arguments):
    return subprocess.run([sys.executable, "-m", "core", *map(str, arguments)], capture_output=True, text=True)


def pictures(count):
    """Half a second of her, half a second of nobody, and so on, at 20 pictures a second."""
    for number in range(count):
        picture = np.full((240, 320, 3), 90, np.uint8)
        if number // 10 % 2 == 0:
            left = 20 + number % 10 * 4
            picture[:, left : left + 240] = astronaut()[:240, 100:340]
        yield picture


@pytest.fixture(scope="module")
def clip(tmp_path_factory, write_clip):
    """Two seconds; its times are not all the same apart."""
    times = [number / 20 + (0.02 if number % 3 == 1 else 0) for number in range(40)]
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_clip(path, list(pictures(40)), times, movflags="faststart")


@pytest.fixture(scope="module")
def whole(clip, tmp_path_factory, detector):
    out = tmp_path_factory.mktemp("out")
    run = core("video", clip, "--out", out / "faces.parquet", "--annotate", out / "marked.mp4", "--raw")
    return run, out


def test_the_table_of_a_clip(whole, clip):
    run, out = whole
    assert (run.returncode, run.stderr) == (0, "")
    table = pd.read_parquet(out / "faces.parquet")
    assert tuple(table.columns[: len(COLUMNS) + 7]) == (*COLUMNS, *RAW_COLUMNS)
    seen = set(table["frame"])
    assert len(seen & {*range(10), *range(20, 30)}) >= 17
    assert not seen & {*range(12, 20), *range(32, 40)}
    times = {number: time_s for number, time_s, _ in Clip(clip).pictures()}
    assert table["time_s"].tolist() == pytest.approx([times[number] for number in table["frame"]], abs=1e-6)
    assert table["face"].nunique() == 1
    assert set(table["label"]) <= {"happy", "unsure"}
    assert (table["label"] == "unsure").tolist() == table["unsure"].tolist()
    made_by = table.attrs["mien"]
    assert (made_by["search"], made_by["smoothing_s"]) == ("quick", 0.4)
    assert made_by["clip"] == {"name": "clip.mp4", "every_n": 1, "from_s": 0.0, "to_s": None}


def test_the_annotated_clip_has_the_same_times(whole, clip):
    _, out = whole
    marked = [(time_s, picture) for _, time_s, picture in Clip(out / "marked.mp4").pictures()]
    plain = [(time_s, picture) for _, time_s, picture in Clip(clip).pictures()]
    assert [time_s for time_s, _ in marked] == pytest.approx([time_s for time_s, _ in plain], abs=1e-3)
    change = [np.abs(a.astype(int) - b).max() for (_, a), (_, b) in zip(marked, plain, strict=True)]
    assert change[5] > 120
    assert change[15] < 40


def test_the_summary(whole):
    run, _ = whole
    first, face = run.stdout.splitlines()
    assert "320x240  40 frames" in first
    assert "1 face" in first
    assert "happy" in face or "unsure" in face
    assert "changes a minute" in face


def test_a_part_of_a_clip(clip, detector, tmp_path):
    out = tmp_path / "faces.csv"
    words = ["video", str(clip), "--out", str(out), "--every", "3", "--from", "0.1", "--to", "0.5"]
    run = CliRunner().invoke(app, words)
    assert run.exit_code == 0
    assert "3 frames" in run.stdout
    assert set(pd.read_csv(out)["frame"]) <= {2, 5, 8}


def test_a_clip_is_read_with_a_baseline(clip, detector, tmp_path):
    Image.fromarray(next(pictures(1))).save(tmp_path / "neutral.png")
    out = tmp_path / "faces.csv"
    run = CliRunner().invoke(
        app,
        ["video", str(clip), "--out", str(out), "--to", "0.4", "--raw", "--baseline", str(tmp_path / "neutral.png")],
    )
    assert run.exit_code == 0
    table = pd.read_csv(out)
    assert set(table["label"]) == {"neutral"}
    assert (table["raw_happy"] > 0.5).all()


def test_of_a_truncated_clip_the_readable_part_is_written(clip, detector, tmp_path):
    cut = tmp_path / "cut.mp4"
    data = clip.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    run = CliRunner().invoke(app, ["video", str(cut), "--out", str(tmp_path / "faces.jsonl")])
    assert run.exit_code == 2
    assert "cut.mp4: breaks off at" in run.stderr
    assert len((tmp_path / "faces.jsonl").read_text().splitlines()) > 5


def test_ctrl_c_keeps_what_was_read(detector, tmp_path, write_clip):
    count = 400
    clip = write_clip(tmp_path / "long.mp4", list(pictures(20)) * (count // 20), [n / 25 for n in range(count)])
    outs = tmp_path / "faces.csv", tmp_path / "marked.mp4"
    command = [sys.executable, "-m", "core", "video", clip, "--out", outs[0], "--annotate", outs[1]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 180
        while not (outs[0].exists() and outs[0].stat().st_size > 2000) and time.monotonic() < deadline:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        stdout, stderr = run.communicate(timeout=180)
    assert run.returncode == 130
    assert "what was read so far is kept" in stderr
    assert "Traceback" not in stderr
    assert " frames " in stdout
    table = pd.read_csv(outs[0])
    assert not table.drop(columns="hints").isna().any(axis=None)
    assert table["frame"].max() < probe(outs[1]).frames < count


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.mp4"], "there is no such file"),
        (["{folder}/text.mp4"], "is no video"),
        (["{clip}", "--out", "{folder}/faces.ods"], "must end in one of csv, jsonl, parquet, xlsx"),
        (["{clip}", "--out", "{folder}/nowhere/faces.csv"], "there is no such folder"),
        (["{clip}", "--annotate", "{folder}/marked.avi"], "must end in .mp4"),
        (["{clip}", "--annotate", "{clip}"], "is one of the files to read"),
        (["{clip}", "{clip}", "--annotate", "{folder}/marked.mp4"], "go into a folder"),
        (["{clip}", "{clip}", "--annotate", "{folder}/text.mp4"], "for it is a file"),
        (["{clip}", "--from", "1", "--to", "0.5"], "no time lies between"),
        (["{clip}", "--from", "99"], "ends at 2.0 s"),
        (["{clip}", "--model", "nope"], "no model named 'nope'"),
        (["{clip}", "--baseline", "nowhere.jpg"], "there is no such file"),
    ],
)
def test_mistakes_are_one_sentence(clip, detector, tmp_path, arguments, words):
    (tmp_path / "text.mp4").write_text("not a video")
    before = clip.read_bytes()
    filled = [argument.format(clip=clip, folder=tmp_path) for argument in arguments]
    run = CliRunner().invoke(app, ["video", *filled])
    assert isinstance(run.exception, MienError)
    assert words in str(run.exception)
    assert "\n" not in str(run.exception)
    assert clip.read_bytes() == before


@pytest.mark.parametrize("option", [["--every", "0"], ["--from", "-1"], ["--search", "lazily"]])
def test_options_that_make_no_sense_are_refused(clip, option):
    assert CliRunner().invoke(app, ["video", str(clip), *option]).exit_code == 2


@pytest.mark.parametrize(("name", "words"), [("faces.csv", "needs no recovery"), ("faces.parquet", "nothing of an")])
def test_recovering_nothing(tmp_path, name, words):
    run = CliRunner().invoke(app, ["recover", str(tmp_path / name)])
    assert words in str(run.exception)


@pytest.fixture(scope="module")
def clips(tmp_path_factory, clip, write_clip):
    """A folder of clips: one with her, one without anybody, one that is no video, and what people keep beside."""
    folder = tmp_path_factory.mktemp("clips")
    (folder / "a.mp4").write_bytes(clip.read_bytes())
    (folder / "more").mkdir()
    empty = [np.full((64, 64, 3), 90, np.uint8)] * 5
    write_clip(folder / "more" / "a.mp4", empty, [number / 5 for number in range(5)])
    (folder / "broken.mov").write_text("not a video")
    (folder / "._a.mp4").write_text("of macOS")
    (folder / "notes.txt").write_text("not meant to be one")
    return folder


def check_clips(run, clips, folder, read):
    assert run.exit_code == 2
    assert f"{clips}: 1 file passed over: notes.txt\n" in run.stderr
    assert "broken.mov: is no video" in run.stderr
    assert "._a" not in run.stderr
    assert [line.split()[0] for line in run.stdout.splitlines() if " frames " in line] == [
        str(clips / "a.mp4"),
        str(clips / "more" / "a.mp4"),
    ]
    table = read(folder / "faces.parquet")
    assert tuple(table.columns[: len(CLIP_COLUMNS)]) == CLIP_COLUMNS
    assert table["path"].unique().tolist() == [str(clips / "a.mp4"), str(clips / "more" / "a.mp4")]
    assert table.groupby("path")["frame"].nunique().tolist() == [40, 5]
    nobody = table[table["path"] == str(clips / "more" / "a.mp4")]
    assert nobody["face"].isna().all()
    assert nobody["time_s"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8], abs=1e-3)
    assert sorted(path.name for path in (folder / "marked").iterdir()) == ["a-2.mp4", "a.mp4"]
    assert probe(folder / "marked" / "a.mp4").frames == 40


def options(folder):
    return ["--out", folder / "faces.parquet", "--annotate", folder / "marked", "--every-row"]


def invoke(*arguments):
    return CliRunner().invoke(app, ["video", *map(str, arguments)])


def test_a_folder_of_clips_is_one_table(clips, detector, tmp_path):
    run = invoke(clips, *options(tmp_path), "--jobs", "1")
    check_clips(run, clips, tmp_path, pd.read_parquet)


@pytest.mark.slow
def test_processes_change_nothing_but_the_time(clips, detector, tmp_path):
    tables = []
    for jobs in ("1", "2"):
        folder = tmp_path / jobs
        folder.mkdir()
        check_clips(invoke(clips, *options(folder), "--jobs", jobs), clips, folder, pd.read_parquet)
        tables.append(pd.read_parquet(folder / "faces.parquet"))
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.slow
def test_ctrl_c_keeps_the_clips_that_are_done(clip, detector, tmp_path):
    out = tmp_path / "faces.csv"
    command = [sys.executable, "-m", "core", "video", *[clip] * 300, "--out", out, "--jobs", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 180
        while not (out.exists() and out.stat().st_size > 2000) and time.monotonic() < deadline:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, stderr = run.communicate(timeout=180)
    assert (run.returncode, stderr) == (130, "stopped: what was read so far is kept\n")
    assert len(pd.read_csv(out)) > 10


def test_a_folder_without_clips_says_so(tmp_path):
    (tmp_path / "photo.jpg").touch()
    run = invoke(tmp_path, "--out", tmp_path / "faces.csv")
    assert (run.exit_code, run.stdout) == (2, "")
    assert run.stderr == f"error: {tmp_path}: no clips in it; 1 file passed over: photo.jpg\n"
    assert not (tmp_path / "faces.csv").exists()


def test_with_a_mesh_the_rows_of_a_clip_tell_how_a_head_is_turned(clip, detector, mesh, tmp_path):
    out = tmp_path / "rows.csv"
    run = CliRunner().invoke(app, ["video", str(clip), "--mesh", "--to", "0.2", "--out", str(out)])
    assert run.exit_code == 0, run.output
    turned = pd.read_csv(out)[["yaw", "pitch", "roll"]]
    assert len(turned)
    assert (turned.abs() < 45).all(axis=None)
