"""A real training as a job: stopped, it keeps its best weights; killed, it is known to be dead; both go on."""

import os
import signal
import time
from pathlib import Path

import pytest

from core.recipes import get_recipe
from training.jobs import command_lines, queue
from training.runs import mlflow_runs
from training.runs.folder import best_of, read_history


@pytest.fixture
def job(tmp_path, cartoons, monkeypatch):
    """A training of many epochs, of which one is over."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    recipe, run = get_recipe("quick"), Path("runs/mine")
    settings = recipe.settings(epochs=500, batch=32)
    job = queue.submit("mine", command_lines.train(recipe, settings, cartoons, run), run)
    wait_for(lambda: read_history(run), job)
    yield job
    for each in queue.jobs():
        queue.stop(each.folder)
        wait_for(lambda each=each: queue.read(each.folder).is_over, each)


def wait_for(event, job):
    deadline = time.monotonic() + 400
    while not event():
        assert time.monotonic() < deadline, queue.tail(job.folder, 20)
        time.sleep(0.2)


def state_of(job):
    return queue.read(job.folder).state


@pytest.mark.slow
def test_a_stopped_training_keeps_its_best_weights_and_goes_on(job):
    queue.stop(job.folder)
    wait_for(lambda: queue.read(job.folder).is_over, job)
    assert state_of(job) == "stopped"
    assert best_of(job.run).is_file()
    assert [run.state for run in mlflow_runs.list_runs()] == ["stopped"]
    epochs = len(read_history(job.run))
    again = queue.submit(job.title, job.command, job.run)
    wait_for(lambda: len(read_history(job.run)) > epochs, again)
    assert [run.state for run in mlflow_runs.list_runs()] == ["running"]
    os.killpg(int((again.folder / queue.LEADER).read_text()), signal.SIGKILL)
    wait_for(lambda: queue.read(again.folder).is_over, again)
    assert state_of(again) == "stopped"
    assert [run.state for run in mlflow_runs.list_runs()] == ["stopped"]
