import pytest

from core.readings import Frame
from webapp.ui.live.stream import History, Meter


def test_it_keeps_a_minute_and_a_few_samples_a_second(reading):
    history = History()
    for index in range(90 * 30):
        history.add(Frame(640, 480, (reading("happy", 1),), index, index / 30))
    samples = history.samples()
    assert 280 <= len(samples) <= 302
    assert samples[-1].time_s - samples[0].time_s <= 60


def test_pace():
    meter = Meter()
    assert meter.pace() is None
    for index in range(200):
        meter.add(index / 10, index / 10 + (0.050 if index % 5 == 0 else 0.010))
    pace = meter.pace()
    assert pace.frames_a_second == pytest.approx(10)
    assert pace.median_ms == pytest.approx(10)
    assert pace.p95_ms == pytest.approx(50)
