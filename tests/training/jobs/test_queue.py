"""The queue with tiny commands: one runs at a time, in order, and whatever is killed is known to be dead."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import TrainingError
from training.jobs import queue
from training.jobs.queue import is_held

ROOT = Path(__file__).resolve().parents[3]
BRIEF = [sys.executable, "-c", "print('done')"]
LONG = [sys.executable, "-c", "import time; print('begun'); time.sleep(100)"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder with a queue of its own; nothing in it outlives the test."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for job in queue.jobs():
        while is_held(job.folder):
            queue.stop(job.folder)
            time.sleep(0.1)


def until(folder, *states):
    """The job once it is in one of these states."""
    deadline = time.monotonic() + 60
    while (job := queue.read(folder)).state not in states:
        assert time.monotonic() < deadline, (job, queue.tail(folder, 20))
        time.sleep(0.05)
    return job


def said(folder, text):
    """Wait until the command has said something."""
    deadline = time.monotonic() + 60
    while text not in queue.tail(folder, 20):
        assert time.monotonic() < deadline, queue.tail(folder, 20)
        time.sleep(0.05)


def leader(job):
    return int((job.folder / queue.LEADER).read_text())


def test_a_job_runs_and_says_what_came_of_it(here):
    job = until(queue.submit("brief", BRIEF, Path("runs/brief")).folder, "finished")
    assert queue.tail(job.folder, 5) == ["done"]
    assert (job.title, job.command, job.run) == ("brief", tuple(BRIEF), Path("runs/brief"))
    assert job.begun <= job.ended


def test_a_command_that_fails(here):
    failing = [sys.executable, "-c", "import sys; sys.exit('error: no such dataset')"]
    job = until(queue.submit("failing", failing).folder, "failed")
    assert queue.tail(job.folder, 1) == ["error: no such dataset"]


def test_one_after_the_other_in_their_order(here):
    """Each writes its beginning and its end; were two at work at once, these would be mixed."""
    code = "import sys, time; log = open('order', 'a'); log.write(sys.argv[1]); log.flush(); time.sleep(0.2); "
    code += "log.write(sys.argv[1].lower())"
    made = [queue.submit(letter, [sys.executable, "-c", code, letter]) for letter in "ABC"]
    assert [job.title for job in queue.jobs()] == ["A", "B", "C"]
    until(made[-1].folder, "finished")
    assert Path("order").read_text() == "AaBbCc"


def test_a_stopped_job_makes_room_for_the_next(here):
    first, second = queue.submit("first", LONG), queue.submit("second", BRIEF)
    said(first.folder, "begun")
    assert queue.read(second.folder).state == "waiting"
    queue.stop(first.folder)
    assert until(first.folder, "stopped").ended
    until(second.folder, "finished")


def test_a_job_that_waits_is_taken_out_and_never_begins(here):
    first, second = queue.submit("first", LONG), queue.submit("second", BRIEF)
    queue.stop(second.folder)
    assert until(second.folder, "stopped").begun is None
    assert queue.read(first.folder).state in ("waiting", "running")


def test_stop_lets_the_command_tidy_up(here):
    tidy = "import time\ntry:\n print('begun'); time.sleep(100)\nexcept KeyboardInterrupt:\n print('saved')"
    job = queue.submit("tidy", [sys.executable, "-c", tidy])
    said(job.folder, "begun")
    queue.stop(job.folder)
    queue.stop(job.folder)  # somebody is impatient
    until(job.folder, "finished")  # it came to its end in good order
    assert queue.tail(job.folder, 1) == ["saved"]


def test_a_killed_command_is_no_longer_running(here):
    suicide = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
    assert until(queue.submit("killed", suicide).folder, "stopped").is_killed


def test_a_job_lives_as_long_as_its_command_even_if_its_leader_is_killed(here):
    job, following = queue.submit("led", LONG), queue.submit("following", BRIEF)
    said(job.folder, "begun")
    os.kill(leader(job), signal.SIGKILL)
    time.sleep(0.3)
    assert queue.read(job.folder).state == "running"
    assert queue.read(following.folder).state == "waiting"
    queue.stop(job.folder)
    assert not until(job.folder, "stopped").is_killed
    until(following.folder, "finished")


def test_a_job_of_which_all_was_killed_is_stopped(here):
    job, following = queue.submit("doomed", LONG), queue.submit("following", BRIEF)
    said(job.folder, "begun")
    os.killpg(leader(job), signal.SIGKILL)
    assert until(job.folder, "stopped").ended is None
    until(following.folder, "finished")


def test_jobs_outlive_a_kill_of_the_process_that_submitted_them(here):
    code = "import os, signal, sys\nfrom training.jobs import queue\n"
    code += "for command in (\"import time; time.sleep(1); print('first')\", \"print('second')\"):\n"
    code += "    queue.submit('job', [sys.executable, '-c', command])\n"
    code += "os.killpg(os.getpgid(0), signal.SIGKILL)"
    app = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True
    )
    assert app.wait() == -signal.SIGKILL
    first, second = queue.jobs()
    until(second.folder, "finished")
    assert queue.read(first.folder).state == "finished"
    assert first.begun is None or first.begun < queue.read(second.folder).begun


def test_numbers_are_given_once(here):
    """Two who submit at the same moment do not get one folder."""
    (queue.queue() / "0009").mkdir(parents=True)
    (queue.queue() / "0009" / queue.PLAN).write_text('{"title": "old", "command": [], "run": null}')
    assert [queue.submit("new", BRIEF).folder.name for _ in range(2)] == ["0010", "0011"]
    assert queue.jobs()[0].state == "stopped"
    until(queue.queue() / "0011", "finished")


def test_a_queue_that_cannot_be_written_is_named(here):
    Path("runs").write_text("a file")
    with pytest.raises(TrainingError, match="cannot be written"):
        queue.submit("job", BRIEF)


def test_where_locks_are_not_inherited_the_command_is_told(here, monkeypatch):
    monkeypatch.setattr(queue, "is_supported", lambda: False)
    with pytest.raises(TrainingError, match=r"in a terminal give: .*print"):
        queue.submit("job", BRIEF)


@given(begun=st.booleans(), stop=st.booleans(), code=st.none() | st.integers(-15, 200))
def test_no_files_make_a_job_without_a_process_run(tmp_path_factory, begun, stop, code):
    folder = tmp_path_factory.mktemp("job")
    (folder / queue.PLAN).write_text('{"title": "job", "command": [], "run": null}')
    for name, there in ((queue.BEGUN, begun), (queue.STOP, stop), (queue.EXIT, code is not None)):
        if there:
            (folder / name).write_text(str(code))
    job = queue.read(folder)
    assert job.is_over
    assert (job.state == "finished") == (code == 0)
