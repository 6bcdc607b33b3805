import io
import time
from pathlib import Path

import pandas as pd
import pytest

from core.errors import VideoError
from core.output.table import COLUMNS, RAW_COLUMNS, encode
from core.video.clip import Clip
from webapp.ui.video import baseline
from webapp.ui.video import job as video_job
from webapp.ui.video.job import ClipSettings, VideoJob


def wait_for(job):
    while job.progress is not None:
        time.sleep(0.02)


@pytest.fixture
def job(clips, fake_session):
    job = VideoJob("../odd/clip.mp4", clips["faces"])
    yield job
    job.close()


def test_a_job_takes_the_settings(job, recognizer):
    assert job.name == "clip.mp4"
    assert job.folder.stat().st_mode & 0o077 == 0
    job.start(recognizer, ClipSettings(every_n=2, from_s=0.5, to_s=1.3))
    wait_for(job)
    assert job.result.times_s == pytest.approx([0.5, 0.7, 0.9, 1.1])
    assert job.result.table["frame"].tolist() == [5, 7, 9, 11, 11]
    assert tuple(job.result.table.columns) == (*COLUMNS, *RAW_COLUMNS)
    assert [time_s for _, time_s, _ in Clip(job.result.annotated).pictures()] == pytest.approx([0, 0.2, 0.4, 0.6])
    assert set(job.result.portraits) == {1, 2}


def test_the_table_with_a_baseline_is_as_good_for_files_as_the_one_without(job, recognizer):
    job.start(recognizer, ClipSettings())
    wait_for(job)
    before = job.result.table
    table = baseline.with_baselines(job.result, (((2,), (1.2,)),))
    assert table.dtypes.equals(before.dtypes)
    assert table[["time_s", "frame", "face", *RAW_COLUMNS]].equals(before[["time_s", "frame", "face", *RAW_COLUMNS]])
    assert set(table.loc[table["face"] == 2, "label"]) == {"neutral"}
    assert table[table["face"] != 2].equals(before[before["face"] != 2])
    written = pd.read_parquet(io.BytesIO(encode(table.to_dict("records"), list(table.columns), "parquet")))
    assert written["label"].tolist() == table["label"].tolist()


def test_a_fault_in_mien_is_told_and_logged(job, recognizer, fake_session, monkeypatch, caplog):
    monkeypatch.setattr(fake_session, "read", lambda *_: 1 / 0)
    job.start(recognizer, ClipSettings())
    wait_for(job)
    assert "a fault in Mien" in job.error
    assert "ZeroDivisionError" in caplog.text


def test_a_job_that_is_closed_while_it_reads_leaves_nothing(clips, recognizer, fake_session, monkeypatch):
    monkeypatch.setattr(fake_session, "pause_s", 0.1)
    job = VideoJob("clip.mp4", clips["faces"])
    job.start(recognizer, ClipSettings())
    time.sleep(0.3)
    job.close()
    assert job.progress is None
    assert job.result is None
    assert not job.folder.exists()


def test_what_is_no_video_leaves_no_folder(clips, monkeypatch):
    kept = []

    class Recorded(video_job.TemporaryDirectory):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            kept.append(Path(self.name))

    monkeypatch.setattr(video_job, "TemporaryDirectory", Recorded)
    with pytest.raises(VideoError, match=r"notes\.mp4"):
        VideoJob("notes.mp4", clips["text"])
    assert not kept[0].exists()
