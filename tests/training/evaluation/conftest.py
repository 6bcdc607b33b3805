"""What the tests of evaluation share."""

import pytest

from training.evaluation import report


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Bootstrap intervals of a few resamples, which take most of a Report's time; a test can ask for more."""
    monkeypatch.setattr(report, "_RESAMPLES", 20)
