import os
import sys
from functools import partial
from types import SimpleNamespace

import pytest

from core.errors import MienError
from core.runtime import processes
from core.runtime.processes import in_order


def test_one_process_is_this_one_and_takes_tasks_when_results_are_asked_for():
    taken = []
    results = in_order(lambda task: (task, os.getpid()), (taken.append(n) or n for n in range(5)), jobs=1)
    assert taken == []
    assert next(results) == (0, os.getpid())
    assert taken == [0]
    assert [task for task, _ in results] == [1, 2, 3, 4]


@pytest.mark.slow
def test_several_processes_keep_the_order_and_take_a_few_tasks_at_a_time():
    taken = []
    results = in_order(partial(pow, 2), (taken.append(n) or n for n in range(200)), jobs=2)
    assert [next(results) for _ in range(3)] == [1, 2, 4]
    assert len(taken) <= 40
    assert list(results) == [2**n for n in range(3, 200)]


def whether_worker(_):
    return processes.is_worker()


@pytest.mark.slow
def test_a_worker_knows_that_it_is_one():
    assert list(in_order(whether_worker, range(2), jobs=2)) == [True, True]
    assert list(in_order(whether_worker, range(2), jobs=1)) == [False, False]


@pytest.mark.slow
def test_a_process_that_is_ended_is_one_sentence():
    with pytest.raises(MienError, match="fewer --jobs"):
        list(in_order(os._exit, [1, 1], jobs=2))


@pytest.mark.parametrize(("installed", "package"), [(True, r'"mien\[jobs\]"'), (False, "joblib")])
def test_without_joblib_the_sentence_says_what_to_install(monkeypatch, installed, package):
    monkeypatch.setattr(processes, "INSTALLED", installed)
    monkeypatch.setattr(processes.importlib, "util", SimpleNamespace(find_spec=lambda name: None))
    with pytest.raises(MienError, match=f"pip install {package}"):
        list(in_order(len, ["a"], jobs=2))
    assert list(in_order(len, ["a"], jobs=1)) == [1]


def test_without_dask_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(MienError, match=r'--dask needs the library Dask: pip install "dask\[distributed\]"'):
        list(in_order(len, ["a"], dask="tcp://127.0.0.1:9"))
