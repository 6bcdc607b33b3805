import pytest

from benchmarks import machine


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """A test waits for no other program to end."""
    monkeypatch.setattr(machine, "PATIENCE_S", 0.0)
