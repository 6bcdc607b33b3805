import functools
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli import doctor
from core.cli.doctor import examine
from core.cli.main import app
from core.errors import ModelError
from core.inference import artifact
from core.runtime import assets, paths

cv2_owners = functools.cache(doctor.cv2_owners)  # it reads the file lists of all that is installed


@pytest.fixture
def checks(tmp_path, monkeypatch):
    """The checks by name, in an empty folder with nothing cached and one model that answers well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "cv2_owners", cv2_owners)
    monkeypatch.setenv("MIEN_ASSETS", str(tmp_path / "assets"))
    monkeypatch.setattr(doctor, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(assets, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(paths, "model_folders", lambda: [tmp_path / "models"])
    monkeypatch.setattr(artifact, "verify", lambda name: None)
    (tmp_path / "models" / "small").mkdir(parents=True)
    (tmp_path / "models" / "small" / "card.json").write_text("{}")
    return lambda: {check.name: check for check in examine()}


def test_a_bare_machine_lacks_the_detector_only(checks, tmp_path):
    found = checks()
    assert [check.name for check in found.values() if not check.ok] == ["face detector"]
    assert "python -m core fetch" in found["face detector"].message
    assert "468 points" in found["face mesh"].message
    assert "478 points and 52 movements" in found["face mesh with movements"].message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models"]


def test_the_command_shows_each_check_and_fails_with_one(checks):
    run = CliRunner().invoke(app, ["doctor"])
    assert run.exit_code == 1
    assert "ok    Python: 3." in run.stdout
    assert "FAIL  face detector: not on this machine" in run.stdout
    assert "ok    model small: whole, and gives its known answer" in run.stdout


def test_this_machine_has_what_it_needs(checks):
    found = checks()
    assert found["OpenCV"].message.endswith("belongs to opencv-python-headless alone")
    assert found["Python"].ok
    if sys.platform == "linux":
        assert found["libEGL.so.1"].ok
        assert found["libGLESv2.so.2"].ok


def test_an_altered_file_is_named(checks, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "face_landmarker.task").write_bytes(b"something else")
    check = checks()["face mesh with movements"]
    assert not check.ok
    assert "face_landmarker.task is not the face mesh" in check.message


def test_a_missing_system_library_gets_its_apt_line(checks, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "_SYSTEM_LIBRARIES", {"libNoSuchThing.so.9": "libnosuchthing9"})
    check = checks()["libNoSuchThing.so.9"]
    assert not check.ok
    assert "apt-get install libnosuchthing9" in check.message


def test_two_owners_of_cv2(checks, monkeypatch):
    monkeypatch.setattr(doctor, "cv2_owners", lambda: ["opencv-contrib-python", "opencv-python-headless"])
    check = checks()["OpenCV"]
    assert not check.ok
    assert "opencv-contrib-python and opencv-python-headless" in check.message


def test_a_folder_that_cannot_be_written(checks, tmp_path):
    (tmp_path / "runs").write_text("a file where the folder should be")
    check = checks()["runs folder"]
    assert not check.ok
    assert str(tmp_path / "runs") in check.message


def test_an_old_python(checks, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert checks()["Python"].message.startswith("3.9.1 is not supported")


def test_a_model_that_answers_otherwise(checks, monkeypatch):
    def verify(name):
        raise ModelError(f"model {name!r} does not give its known answer")

    monkeypatch.setattr(artifact, "verify", verify)
    assert checks()["model small"] == doctor.Check("model small", False, "model 'small' does not give its known answer")


def test_no_model(checks, monkeypatch):
    monkeypatch.setattr(paths, "model_folders", lambda: [Path("nowhere")])
    assert not checks()["models"].ok
