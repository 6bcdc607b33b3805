"""The section on the engine in the visitor's browser, with tiny numbers."""

import shutil

import pytest

from benchmarks import benchmarks_page
from benchmarks.environments import NotInstallable
from benchmarks.speed import in_browser


def figures(calm_same=99, spent=1.5, beside=True):
    spread = {"median": 20.0, "p95": 30.0, "n": 5}
    programs = {
        "times": {"mien": spread, "human": spread | {"median": 50.0}},
        "found": {"mien": 1.0, "human": 0.5},
        "stages": {"classify": spread},
        "human": "3.3.6",
    }
    counts = {
        "calm": 100,
        "calm_same": calm_same,
        "all": 200,
        "all_same": 180,
        "alone": 3,
        "clip": "a clip",
        "frames": 9,
    }
    return {
        "beside": programs if beside else None,
        "agreement": counts | {"clip": "a clip", "frames": 9},
        "first_visit": {"bytes": 11_400_000, "compressed": 4_700_000},
        "server": {"visits": 10, "seconds": 60.0, "spent": spent, "paces": [1.8, 2.0]},
    }


def test_figures_are_judged():
    good = "\n".join(in_browser.describe(figures()))
    assert "**" not in good
    assert "2.50 times" in good
    assert "4.7 MB" in good
    bad = "\n".join(in_browser.describe(figures(calm_same=96, spent=3.2)))
    assert bad.count("**missed**") == 2


def test_without_human_the_rest_is_told():
    told = in_browser.describe(figures(beside=False))
    assert told[0].startswith("human cannot be installed")
    assert "97%" in told[-1]


@pytest.mark.slow
@pytest.mark.needs("detector", "litert")
def test_all_is_measured(monkeypatch, tmp_path):
    if not shutil.which("chromium"):
        pytest.skip("no Chromium on this machine: apt-get install chromium")

    class Missing:
        name = "human"

        def install(self):
            raise NotInstallable("no network")

    monkeypatch.setattr(in_browser, "peers", lambda: [Missing()])
    found = in_browser.measure(True, None)
    benchmarks_page.save(found, tmp_path / "browser.json", {})  # it is all JSON
    assert found["beside"] is None
    assert found["agreement"]["calm"] > 0
    assert found["agreement"]["calm_same"] > 0.9 * found["agreement"]["calm"]
    assert 0 < found["first_visit"]["compressed"] < found["first_visit"]["bytes"]
    assert len(found["server"]["paces"]) == found["server"]["visits"]
