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


def test_what_is_idle_is_closed_with_the_pool():
    closed = []
    pool = Pool(object, close=closed.append)
    del pool
    gc.collect()
    assert len(closed) == 1


def test_what_cannot_be_made_fails_at_once():
    with pytest.raises(ZeroDivisionError):
        Pool(lambda: 1 / 0)
