import pytest

from webapp.ui.live.status import diagnose

WELL = {"secure": True, "signalling": False, "playing": False, "route": "local"}


def test_ten_seconds_of_patience():
    assert diagnose(9.9, **WELL | {"signalling": True}) is None
    assert diagnose(10.0, **WELL | {"signalling": True})


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "permission"),
        ({"secure": False}, "https"),
        ({"signalling": True, "route": "direct"}, "no TURN server"),
        ({"signalling": True, "route": "relayed"}, "unreachable"),
        ({"signalling": True}, "one machine"),
        ({"playing": True}, "no picture comes"),
    ],
)
def test_what_is_likely_wrong(state, words):
    assert words in diagnose(11, **WELL | state)


def test_nothing_is_wrong_before_start_is_pressed():
    assert diagnose(None, **WELL) is None
