import numpy as np
import pytest
from typer.testing import CliRunner

from core.faces import face_check
from training.commands.main import app
from training.engine.fit_face_check import fit_face_check
from training.errors import TrainingError


def fitted(dataset, out, seed=0):
    options = ["--data", str(dataset), "--out", str(out), "--images", "60", "--seed", str(seed)]
    return CliRunner().invoke(app, ["face-check", *options])


def test_the_same_seed_writes_the_same_weights(cartoons, tmp_path, detector):
    run = fitted(cartoons, tmp_path / "a.npz")
    assert run.exit_code == 0, run.output
    assert str(tmp_path / "a.npz") in run.stdout
    fitted(cartoons, tmp_path / "b.npz")
    fitted(cartoons, tmp_path / "c.npz", seed=1)
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.npz", "b.npz", "c.npz"))
    assert a == b != c
    shipped = face_check.load_weights()
    with np.load(tmp_path / "a.npz") as weights:
        assert {name: (weights[name].shape, weights[name].dtype) for name in weights} == {
            name: (shipped[name].shape, np.float32) for name in weights
        }
        assert {"gradients", "evidence_without_mesh"} <= set(weights)


def test_too_few_images(cartoons, tmp_path, detector):
    with pytest.raises(TrainingError, match="smaller --images"):
        fit_face_check(cartoons, tmp_path / "a.npz", images=1000)
    assert not list(tmp_path.iterdir())


def test_images_in_which_no_face_is_seen(dataset, tmp_path, detector):
    with pytest.raises(TrainingError, match="no face"):
        fit_face_check(dataset, tmp_path / "a.npz", images=24)
    assert not list(tmp_path.iterdir())
