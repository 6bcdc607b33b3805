import numpy as np
import pytest
from typer.testing import CliRunner

from core.faces import crop_region
from core.faces.landmarker import Region
from training.commands.main import app
from training.engine import fit_crop_region
from training.engine.fit_crop_region import fit_crop_region as fit
from training.errors import TrainingError


def blob(rng):
    """A bright disc on grey, 48x48, and the region around it."""
    (x, y), radius = rng.uniform(18, 30, 2), rng.uniform(8, 16)
    rows, columns = np.mgrid[:48, :48]
    picture = np.where(np.hypot(columns - x, rows - y) < radius, 200, 60).astype(np.uint8)
    return picture, (x / 48, y / 48, np.log(2 * radius / 48), 0.0)


@pytest.fixture
def blobs(monkeypatch):
    rng = np.random.default_rng(0)
    pictures, places = zip(*(blob(rng) for _ in range(160)), strict=True)
    meshed = np.array(pictures), np.array(places, np.float32)
    monkeypatch.setattr(fit_crop_region, "_meshed", lambda images, each: meshed)
    return meshed


@pytest.mark.slow
def test_what_is_written_knows_where_things_lie(blobs, dataset, tmp_path, monkeypatch):
    out = tmp_path / "region.tflite"
    lines = []
    assert fit(dataset, out, epochs=8, say=lines.append) == 160
    assert len(lines) == 8
    assert list(tmp_path.iterdir()) == [out]
    assert out.stat().st_size == pytest.approx(crop_region.WEIGHTS_FILE.stat().st_size, rel=0.05)
    monkeypatch.setattr(crop_region, "WEIGHTS_FILE", out)
    monkeypatch.setattr(crop_region, "_networks", crop_region._networks.__wrapped__)
    pictures, places = blobs
    seen = np.array([crop_region.box_in_crop(np.repeat(each[..., None], 3, axis=2))[0] for each in pictures[:40]])
    assert np.abs(seen / 48 - places[:40, :2]).mean() < 0.06


def test_a_displaced_face_lies_where_it_is_said_to(blobs):
    pictures, places = blobs
    moved, there = fit_crop_region._displaced(pictures, places, np.random.default_rng(1))
    for picture, (x, y, log_side, _) in zip(moved[:30], there[:30], strict=True):
        rows, columns = np.nonzero(picture[..., 0] > 130)
        assert columns.mean() + 0.5 == pytest.approx(48 * x, abs=1.5)
        assert rows.mean() + 0.5 == pytest.approx(48 * y, abs=1.5)
        assert np.ptp(columns) + 1 == pytest.approx(48 * np.exp(log_side), abs=3)


def test_the_command_says_where_no_face_is_seen(dataset, tmp_path, detector, movements):
    out = tmp_path / "region.tflite"
    with pytest.raises(TrainingError, match="no face"):
        fit(dataset, out)
    run = CliRunner().invoke(app, ["crop-region", "--data", str(dataset), "--out", str(out)])
    assert run.exit_code
    assert not list(tmp_path.glob("*.tflite"))


def test_the_region_of_a_face_is_that_around_its_mesh(detector, movements):
    from skimage.data import astronaut

    from core.faces.detector import Detector
    from core.faces.finder import FaceFinder
    from core.faces.landmarker import points_of_crop
    from core.faces.pyramid import Pyramid

    (face,) = FaceFinder().find(Pyramid(astronaut()), "quick")
    region = fit_crop_region._region_of(face.crop, Detector())
    around = Region.around_points(points_of_crop(face.crop))
    assert np.hypot(*np.subtract(region.centre, around.centre)) < 1.5
    assert region.side == pytest.approx(around.side, rel=0.06)
    assert region.turn == pytest.approx(around.turn, abs=3)
