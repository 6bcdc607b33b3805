from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from core import explain
from core.faces import head_pose
from core.faces.mesh_topology import mirrored_points
from core.labels import FER7
from training.commands.main import app
from training.engine import fit_neutral_face
from training.engine.fit_neutral_face import write_neutral_movements, write_standard_face
from training.errors import DatasetError

NEUTRAL, HAPPY = FER7.index("neutral"), FER7.index("happy")


@pytest.fixture
def faces(monkeypatch):
    """Make believe that a dataset's Training split has these labels and blendshapes; the first has no mesh."""

    def see(labels):
        values = np.linspace(0, 1, 52 * len(labels), dtype=np.float32).reshape(-1, 52)
        rows = SimpleNamespace(labels=np.array([NEUTRAL, *labels]))
        found = np.array([False, *[True] * len(labels)])
        monkeypatch.setattr(fit_neutral_face, "features_of", lambda *_: (rows, values, found))
        return values

    return see


def test_means_are_of_neutral_faces_alone(faces, tmp_path, monkeypatch):
    values = faces([NEUTRAL, HAPPY, NEUTRAL])[[0, 2]]
    run = CliRunner().invoke(app, ["neutral-movements", "--data", "d.parquet", "--out", str(tmp_path / "neutral.csv")])
    assert "2 neutral faces" in run.stdout
    monkeypatch.setattr(explain, "NEUTRAL_FILE", tmp_path / "neutral.csv")
    read = explain.neutral_faces.__wrapped__()
    assert list(read)[45] == "mouthSmileRight"
    assert read["mouthSmileRight"].mean == pytest.approx(values[:, 45].mean(), abs=1e-5)
    assert read["mouthSmileRight"].spread == pytest.approx(values[:, 45].std(), abs=1e-5)


def test_no_neutral_face(faces, tmp_path):
    faces([HAPPY])
    with pytest.raises(DatasetError, match="no neutral face"):
        write_neutral_movements(tmp_path / "d.parquet", tmp_path / "neutral.csv")


def test_the_standard_face_is_the_symmetric_median_of_neutral_ones(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    half = rng.normal(size=(468, 3)).astype(np.float32)
    face = (half + (half * np.float32((-1, 1, 1)))[mirrored_points()]) / 2
    meshes = face + rng.normal(scale=0.01, size=(31, 468, 3)).astype(np.float32)
    meshes[0] += 5  # a smile
    rows = SimpleNamespace(labels=np.array([HAPPY, *[NEUTRAL] * 30]))
    monkeypatch.setattr(fit_neutral_face, "features_of", lambda *_: (rows, meshes, np.ones(31, bool)))
    run = CliRunner().invoke(app, ["standard-face", "--data", "d.parquet", "--out", str(tmp_path / "face.csv")])
    assert "30 neutral faces" in run.stdout
    monkeypatch.setattr(head_pose, "STANDARD_FACE_FILE", tmp_path / "face.csv")
    read = head_pose.standard_face.__wrapped__()
    np.testing.assert_allclose(read, face, atol=0.02)
    np.testing.assert_allclose((read * (-1, 1, 1))[mirrored_points()], read, atol=1e-3)


def test_no_neutral_face_is_no_standard_face(faces, tmp_path):
    faces([HAPPY])
    with pytest.raises(DatasetError, match="no neutral face"):
        write_standard_face(tmp_path / "d.parquet", tmp_path / "face.csv")
