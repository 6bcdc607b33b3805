"""Killing and spreading `extract`: the table stays the same to the last bit."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from core.errors import MienError
from core.features import FEATURES
from training.features.extract import extract

ROOT = Path(__file__).parents[3]

SLOW = """
import time
import numpy as np
from core.features import Feature

def compute(crop):
    time.sleep(0.02)
    return None if crop.mean() < 68 else np.array([crop.mean(), crop.std(), crop[..., 0].argmax()], np.float32)

SLOW = Feature("slow", 1, compute, (3,), "float32")
"""

RUN = """
import sys
from pathlib import Path
from slow_feature import SLOW
from training.features import extract as module
from training.features.extract import extract

if __name__ == "__main__":
    module.ROWS_A_PART = 8
    dataset, out, *dask = sys.argv[1:]
    if dask:
        from dask.distributed import LocalCluster
        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
            print(extract(SLOW, Path(dataset), Path(out), dask=cluster.scheduler_address))
    else:
        print(extract(SLOW, Path(dataset), Path(out), jobs=2))
"""


@pytest.fixture
def start(tmp_path):
    """Start a run in a process of its own: `start(dataset, out)`."""
    for name, text in (("slow_feature", SLOW), ("run", RUN)):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
    path = os.pathsep.join([str(tmp_path), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])

    def run(*arguments):
        command = [sys.executable, str(tmp_path / "run.py"), *map(str, arguments)]
        with open(tmp_path / "said", "w") as said:  # no pipe: the workers of a killed run would hold it open
            return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stdout=said, stderr=said)

    return run


@pytest.fixture
def finish(tmp_path):
    """Wait for a run and give what it said."""

    def wait(process):
        assert process.wait(300) == 0, (tmp_path / "said").read_text()
        return (tmp_path / "said").read_text()

    return wait


def parts_of(out):
    return {path.name for folder in out.parent.glob(f"{out.name}.parts-*") for path in folder.glob("[0-9]*.parquet")}


def orphans(folder):
    """Processes that were started with `folder` in their environment and still run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:  # it ended meanwhile, or is another user's
            continue
    return found


@pytest.mark.slow
def test_five_kills_at_random_moments_change_nothing(dataset, start, finish, tmp_path, record_property):
    record_property("tries", 5)
    whole, out = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    finish(start(dataset, whole))
    done = set()
    for _ in range(5):
        process = start(dataset, out)
        while len(parts_of(out)) <= len(done) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.1))
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it was done before the kill"
        assert not out.exists()
        assert parts_of(out) >= done
        done = parts_of(out)
    said = finish(start(dataset, out))
    assert "resumed=0" not in said
    assert out.read_bytes() == whole.read_bytes()
    assert not parts_of(out)
    deadline = time.monotonic() + 60
    while orphans(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not orphans(tmp_path), "a worker outlived its killed run"


@pytest.mark.slow
def test_a_dask_cluster_of_two_workers_changes_nothing(dataset, start, finish, tmp_path):
    pytest.importorskip("distributed")
    alone, spread = tmp_path / "alone.parquet", tmp_path / "spread.parquet"
    finish(start(dataset, alone))
    finish(start(dataset, spread, "dask"))
    assert spread.read_bytes() == alone.read_bytes()


@pytest.mark.slow
def test_no_scheduler_is_one_sentence(dataset, tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(MienError, match=r"--dask tcp://127.0.0.1:9: no scheduler answers there"):
        extract(FEATURES["pixels"], dataset, tmp_path / "t.parquet", dask="tcp://127.0.0.1:9")


def test_no_dask_is_one_sentence(dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(MienError, match=r'--dask needs the library Dask: pip install "dask\[distributed\]"'):
        extract(FEATURES["pixels"], dataset, tmp_path / "t.parquet", dask="tcp://127.0.0.1:9")
