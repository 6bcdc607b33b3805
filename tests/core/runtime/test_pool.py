import gc
import threading

import pytest

from core.runtime.pool import Pool


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
