import threading

from training.errors import DatasetError
from webapp.ui.shared.background import Job


def test_a_job_says_how_far_it_is_and_what_came_of_it():
    told, go = threading.Event(), threading.Event()

    def work(progress):
        progress(3, 10)
        told.set()
        go.wait(10)
        return "result"

    job = Job(work)
    told.wait(10)
    assert (job.done, job.total) == (3, 10)
    assert not job.is_over()
    go.set()
    assert job.is_over(10)
    assert (job.result, job.error) == ("result", None)


def test_a_mistake_is_its_sentence_and_a_fault_is_logged(caplog):
    def refuse(progress):
        raise DatasetError("a.csv: no such file")

    mistaken, faulty = Job(refuse), Job(lambda progress: 1 / 0)
    assert mistaken.is_over(10)
    assert faulty.is_over(10)
    assert mistaken.error == "a.csv: no such file"
    assert "a fault in Mien" in faulty.error
    assert "ZeroDivisionError" in caplog.text


def test_a_cancelled_job_ends_at_its_next_word():
    go = threading.Event()

    def work(progress):
        go.wait(10)
        progress(1, 2)
        raise AssertionError("went on")

    job = Job(work)
    job.cancel()
    go.set()
    assert job.is_over(10)
    assert job.error.startswith("Cancelled")
    assert job.result is None
