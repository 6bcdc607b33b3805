"""Each section of speed with tiny numbers."""

import pytest

from benchmarks.speed import plain_loops, scaling, stages, viewers
from benchmarks.speed.network_arithmetic import is_whole, operations
from core.inference.artifact import MODEL_FILE
from core.model_store import folder_of
from core.runtime.assets import FACE_DETECTOR, path_of


def test_stages_have_a_floor_under_what_they_take(detector):
    figures = stages.measure(True, None)
    found = figures["stages"]
    assert any(name.startswith("find faces, thorough (") for name in found)
    runs = {name.split(" (")[0]: stage["operations"] for name, stage in found.items() if name.startswith("find")}
    assert runs["find faces, thorough"] > 5 * runs["find faces, quick"] > 0
    assert all(stage["floor_ms"] > 0 for stage in found.values())
    assert figures["operations_a_second"] > 1e8
    assert "times the floor" in "\n".join(stages.describe(figures))
    assert "of which the arithmetic alone takes" in stages.describe(figures)[-1]


def test_the_arithmetic_of_the_detector_is_counted(detector):
    """BlazeFace is a network of some thirty million products (Bazarevsky et al. 2019)."""
    assert 50e6 < operations(path_of(FACE_DETECTOR)) < 80e6


@pytest.mark.needs("litert")
@pytest.mark.parametrize(("model", "whole"), [("flagship", True), ("embedding-mlp", False)])
def test_networks_of_whole_numbers_are_told_from_those_of_floats(model, whole):
    assert is_whole(folder_of(model) / MODEL_FILE) == whole


def test_one_plain_loop_against_ours(movements):
    figures = plain_loops.measure(True, None, ("mesh",))
    assert {name: loop["images"] for name, loop in figures["loops"].items()} == {"mesh_plain": 6, "mesh_mien": 6}
    assert all(loop["a_second"]["median"] > 0 for loop in figures["loops"].values())
    assert "Mien's points, times as fast" in "\n".join(plain_loops.describe(figures))


@pytest.mark.slow
def test_both_plain_loops_against_ours(movements, detector):
    figures = plain_loops.measure(True, None)
    assert (
        figures["loops"]["predict_mien"]["a_second"]["median"] > figures["loops"]["predict_plain"]["a_second"]["median"]
    )


@pytest.mark.slow
def test_scaling_runs_on_processes_and_on_dask(movements):
    figures = scaling.measure(True, None)
    assert set(figures["workers"]) == {"extract landmarks", "read", "video"}
    for work in figures["workers"].values():
        assert set(work["ways"]) == {"one process", "two processes", "Dask, two workers"}
        assert work["start_s"] > 0
        assert 0.1 < work["cores"] < 64
    assert [row["images"] for row in figures["sizes"]] == [20, 40, 60, 80]
    assert all(row["peak_mb"] > 50 for row in figures["sizes"])
    scaling.describe(figures)


def scaled(seconds, peaks, two=5.5):
    taken = {"one process": 10, "two processes": two, "Dask, two workers": 9.5}
    return {
        "together": 1.8,
        "workers": {
            "read": {
                "count": 100,
                "what": "photos",
                "start_s": 1.0,
                "cores": 1.4,
                "ways": {way: {"median": s, "p95": s, "n": 1, "peak_mb": 300} for way, s in taken.items()},
            }
        },
        "sizes": [
            {"images": 10**power, "seconds": s, "peak_mb": peak}
            for power, s, peak in zip((3, 4, 5), seconds, peaks, strict=True)
        ],
    }


def test_one_viewer_is_carried(detector):
    figures = viewers.measure(True, None)
    (row,) = figures["rows"]
    assert row["viewers"] == 1
    assert row["a_second"] > 0
    assert "Viewers that are carried" in "\n".join(viewers.describe(figures))


def test_viewers_that_get_too_little_are_not_carried():
    rows = [{"viewers": n, "a_second": 15.0, "ms": 20.0, "p95_ms": 30.0, "carried": n < 3} for n in (1, 2, 3)]
    assert "Viewers that are carried: 2; the aim, at least 6, is **missed**." in "\n".join(
        viewers.describe({"cores": 2, "rows": rows})
    )


def test_scaling_is_judged_by_the_figures():
    good = scaling.describe(scaled((3.1, 4, 13), (300, 300, 310)))[-1]
    assert "`read`, two processes, share of twice the speed: 0.91; the aim, at least 0.85, is met" in good
    assert "`read`, Dask, two workers, share of twice the speed: 0.53; the aim, at least 0.85, is **missed**" in good
    assert "without which the share is 0.53." in good  # (10 - 1) / (9.5 - 1) / 2
    assert "One process keeps 1.40 cores busy already" in good
    assert "1.80 times as much as one of them alone" in good
    assert good.count("**missed**") == 1
    assert scaling.describe(scaled((3.1, 4, 23), (300, 300, 910)))[-1].count("**missed**") == 3


def test_synthetic_pictures_are_all_different():
    images = [sample.image.tobytes() for sample in scaling._synthetic(50)]
    assert len(set(images)) == 50
