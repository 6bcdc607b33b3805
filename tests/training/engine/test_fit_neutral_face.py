from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from core import explain
from core.labels import FER7
from training.commands.main import app
from training.engine import fit_neutral_face
from training.engine.fit_neutral_face import write_neutral_movements
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
