from webapp.ui.live.places import EXPIRES_S, Places
from webapp.ui.live.stream import LiveStream


def test_one_too_many_waits_until_one_ends():
    places, first, second, third = Places(), LiveStream(), LiveStream(), LiveStream()
    assert places.take(first, 2)
    assert places.take(second, 2)
    assert places.take(first, 2)
    assert not places.take(third, 2)
    assert not places.has_room(third, 2)
    places.release(first)
    assert places.take(third, 2)


def test_a_browser_that_disappears_frees_its_place():
    clock = [0.0]
    places, gone, alive, waiting = Places(lambda: clock[0]), LiveStream(), LiveStream(), LiveStream()
    assert places.take(gone, 2)
    assert places.take(alive, 2)
    clock[0] = EXPIRES_S
    places.keep(alive)
    assert not places.take(waiting, 2)
    clock[0] = EXPIRES_S + 1
    assert places.take(waiting, 2)
    assert not places.take(gone, 2)


def test_a_viewer_that_is_forgotten_holds_no_place():
    places = Places()
    assert places.take(LiveStream(), 1)
    assert places.take(LiveStream(), 1)
