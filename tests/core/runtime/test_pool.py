import gc
import os
import signal
import threading

import pytest

from core.runtime.pool import Pool, workers


def test_one_thing_serves_one_borrower_after_another():
    made = []
    pool = Pool(lambda: made.append(object()) or made[-1])
    for _ in range(3):
        with pool.borrow() as thing:
            assert thing is made[0]
    assert len(made) == 1


def test_no_two_threads_hold_the_same_thing_at_once():
    pool = Pool(object)
    held, clashes, barrier = set(), [], threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(200):
            with pool.borrow() as thing:
                if id(thing) in held:
                    clashes.append(thing)
                held.add(id(thing))
                held.discard(id(thing))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not clashes


def test_a_thing_comes_back_after_an_error():
    pool = Pool(object)
    with pytest.raises(KeyError), pool.borrow() as first:
        raise KeyError
    with pool.borrow() as second:
        assert second is first


@pytest.mark.parametrize("use", [lambda other: Pool(object), lambda other: other.borrow().__enter__()])
def test_what_is_idle_is_closed_when_a_pool_is_used_after_the_pool_is_gone(use):
    closed, other = [], Pool(object)
    pool = Pool(object, close=closed.append)
    del pool
    gc.collect()
    use(other)
    assert len(closed) == 1


def test_the_garbage_collector_closes_nothing_itself():
    """It may run while the very lock is held that closing takes: MediaPipe then waited for ever."""
    lock, waited = threading.Lock(), []
    pool = Pool(object, close=lambda thing: waited.append(not lock.acquire(timeout=0.1)))
    with lock:
        del pool
        gc.collect()
    assert not waited


def test_what_cannot_be_made_fails_at_once():
    with pytest.raises(ZeroDivisionError):
        Pool(lambda: 1 / 0)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_child(work) -> int:
    """Exit status of a forked process that does some work: 0 where it is done and right; it gets ten seconds."""
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        os._exit(0 if work() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@needs_fork
def test_a_forked_process_makes_its_own_things_and_leaves_those_of_its_parent_alone():
    closed = []
    pool = Pool(object, closed.append)
    with pool.borrow() as ours:
        pass

    def work():
        with pool.borrow() as theirs:
            return theirs is not ours and not closed

    assert in_child(work) == 0
    with pool.borrow() as still:
        assert still is ours


@needs_fork
def test_a_pool_of_its_parent_that_a_forked_process_drops_closes_nothing():
    closed = []
    pools = [Pool(object, closed.append)]

    def work():
        pools.clear()
        gc.collect()
        Pool(object)  # closes what was dropped before
        return not closed

    assert in_child(work) == 0


@needs_fork
def test_a_forked_process_has_threads_of_its_own():
    assert list(workers().map(str, range(3))) == ["0", "1", "2"]
    assert in_child(lambda: list(workers().map(str, range(3))) == ["0", "1", "2"]) == 0
