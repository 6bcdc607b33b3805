"""The wheel `mien`: the engine alone, under its public name, with the models that it ships."""

import ast
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.parser import Parser
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from PIL import Image
from skimage.data import astronaut

import core
from core.cards import Card
from core.runtime.paths import COMMAND

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "packaging" / "wheel"
SHIPPED = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "hooks"
]["custom"]["models"]

CONSUMER = """
from pathlib import Path
import mien
from mien.labels import FER7

recognizer = mien.Recognizer(search="quick")
frame: mien.Frame = recognizer.read_frame(Path("photo.jpg"))
for reading in frame.readings:
    label: str = reading.label
    print(label, reading.confidence + 1.0, reading.face.box[0], reading.probabilities[FER7.labels[0]])
print(mien.annotate(mien.read_image("photo.jpg"), frame).shape)
with mien.Session(recognizer) as session, mien.open_sink("faces.csv") as sink:
    for picture, moment in mien.Clip("clip.mp4").read(session):
        sink.write(moment)
"""


def declared(path):
    return {Requirement(line).name: line for line in tomllib.loads(path.read_text())["project"]["dependencies"]}


def imported(path):
    """Top-level names that a module imports absolutely."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in names}


def run(*command, cwd, **options):
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Path of the wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=PROJECT)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    """A folder with what the wheel brings, for PYTHONPATH."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.fromarray(astronaut()).save(path)
    return path


def test_nothing_but_mien_lands_in_site_packages(unpacked):
    (information,) = unpacked.glob("*.dist-info")
    assert {path.name for path in unpacked.iterdir()} == {"mien", information.name}
    assert (information / "entry_points.txt").read_text().split("\n", 1)[1].strip() == "mien = mien.cli.main:main"


def test_it_holds_the_whole_engine_and_says_that_it_is_typed(unpacked):
    sources = {path.relative_to(ROOT / "core") for path in (ROOT / "core").rglob("*") if path.is_file()}
    sources = {path for path in sources if "__pycache__" not in path.parts}
    packed = {path.relative_to(unpacked / "mien") for path in (unpacked / "mien").rglob("*") if path.is_file()}
    assert sources - packed == set()
    assert {path.parts[0] for path in packed - sources} == {"shipped", "LICENSE"}
    assert Path("py.typed") in packed


def test_its_modules_know_one_another_by_relative_names_only(unpacked):
    for path in (unpacked / "mien").rglob("*.py"):
        assert not imported(path) & {"core", "mien", "training", "webapp"}, path


def test_of_each_shipped_model_it_holds_what_serving_reads(unpacked):
    folder = unpacked / "mien" / "shipped"
    assert SHIPPED
    assert sorted(path.name for path in folder.iterdir()) == sorted(SHIPPED)
    for name in SHIPPED:
        files = {path.name for path in (folder / name).iterdir()}
        assert files == {"card.json", "README.md", *Card.load(folder / name).files} - {"weights.npz"}


def test_what_it_needs_is_what_the_checkout_needs_but_for_opencv(unpacked):
    """A wheel cannot put the stand-in for MediaPipe's OpenCV onto its user's machine."""
    (metadata,) = unpacked.glob("*.dist-info/METADATA")
    message = Parser().parsestr(metadata.read_text())
    root = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (message["Version"], message["Requires-Python"].split(",")) == (root["version"], ["<3.14", ">=3.11"])
    ours, theirs = declared(PROJECT / "pyproject.toml"), declared(ROOT / "pyproject.toml")
    assert ours.pop("opencv-contrib-python") == theirs["opencv-python-headless"].replace(
        "python-headless", "contrib-python"
    )
    assert {name: theirs.get(name) for name in ours} == ours
    assert not {"tensorflow", "keras", "streamlit", "gradio", "opencv-python-headless"} & ours.keys()


def test_every_package_that_serving_imports_is_declared():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    known = {Requirement(line).name.replace("-", "_") for line in lines} | sys.stdlib_module_names | {"keras"}
    aliases = {"cv2": "opencv_contrib_python", "PIL": "pillow", "sklearn": "scikit_learn"}
    serving = (path for path in (ROOT / "core").rglob("*.py") if path.parent.name != "layers")
    for path in serving:
        for name in imported(path):
            assert aliases.get(name, name) in known, f"{path} imports {name}"


def test_the_public_names_are_the_same_to_readers_and_to_type_checkers():
    (block,) = (node for node in ast.parse(Path(core.__file__).read_text()).body if isinstance(node, ast.If))
    typed = {alias.name: node.module for node in block.body for alias in node.names}
    assert typed == {name: module for module, names in core._MODULES.items() for name in names}
    assert sorted(typed) == sorted(core.__all__)
    assert [name for name in core.__all__ if getattr(core, name).__name__ != name] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        core.nothing  # noqa: B018


def test_under_its_own_name_it_reads_with_what_it_ships(detector, unpacked, photo, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(unpacked))
    monkeypatch.delenv("MIEN_MODELS", raising=False)
    code = (
        "import sys, mien\nfrom mien.inference.installed import default_model\n"
        "from mien.model_store import folder_of\nfrom mien.runtime.paths import SHIPPED\n"
        "print(mien.Recognizer().read('photo.jpg')[0].label, folder_of(default_model()).parent == SHIPPED)\n"
        "print({'core', 'training', 'webapp', 'tensorflow', 'keras'} & set(sys.modules))"
    )
    read = run(sys.executable, "-c", code, cwd=photo.parent)
    assert read.stdout.splitlines() == ["happy True", "set()"], read.stderr


def test_the_command_says_its_own_name(unpacked, tmp_path, monkeypatch):
    assert COMMAND == "python -m core"
    assert run(sys.executable, "-m", "core", "--help", cwd=ROOT).stdout.startswith("Usage: python -m core ")
    monkeypatch.setenv("PYTHONPATH", str(unpacked))
    monkeypatch.setenv("MIEN_ASSETS", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    script = "import sys; sys.argv[0] = '/usr/bin/mien'; from mien.cli.main import main; main()"
    assert run(sys.executable, "-c", script, "--help", cwd=tmp_path).stdout.startswith("Usage: mien ")
    doctor = run(sys.executable, "-c", script, "doctor", cwd=tmp_path)
    assert "run `mien fetch`" in doctor.stdout
    assert "python -m core" not in doctor.stdout


def test_the_wheels_size_that_the_handbook_states_is_right(wheel):
    (stated,) = re.findall(r"wheel itself takes ([\d.]+) MB", (ROOT / "docs/how-to/install-the-package.md").read_text())
    assert wheel.stat().st_size / 1e6 == pytest.approx(float(stated), abs=0.1)


@pytest.fixture(scope="module")
def clean(wheel, package_index, tmp_path_factory):
    """The Python of an environment in which nothing but the wheel was installed."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    with package_index():
        installed = run(folder / "bin" / "python", "-m", "pip", "install", wheel, cwd=folder, timeout=1800)
    if installed.returncode and "No matching distribution" in installed.stderr:
        pytest.skip("no package index within reach")
    assert installed.returncode == 0, installed.stderr
    return folder / "bin" / "python"


@pytest.mark.slow
@pytest.mark.needs("detector")
def test_in_a_clean_environment_one_distribution_owns_cv2(clean, tmp_path):
    code = "from mien.cli.doctor import cv2_owners; print(*cv2_owners()); import cv2"
    assert run(clean, "-c", code, cwd=tmp_path).stdout.split() == ["opencv-contrib-python"]
    doctor = run(clean.with_name("mien"), "doctor", cwd=tmp_path)
    assert "OpenCV: cv2" in doctor.stdout
    assert "FAIL" not in doctor.stdout, doctor.stdout


@pytest.mark.slow
def test_in_a_clean_environment_a_photo_is_read_without_tensorflow(detector, clean, photo):
    read = run(clean.with_name("mien"), "read", photo, cwd=photo.parent)
    assert (read.returncode, read.stderr) == (0, "")
    assert "1 face\n  1  happy" in read.stdout
    code = (
        "import importlib.util as u\n"
        "print([n for n in ('tensorflow', 'keras', 'streamlit', 'core', 'training', 'webapp') if u.find_spec(n)])"
    )
    assert run(clean, "-c", code, cwd=photo.parent).stdout.strip() == "[]"


@pytest.mark.slow
def test_the_size_that_the_handbook_states_is_right(clean):
    packages = clean.parents[1] / "lib"
    size = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
    (stated,) = re.findall(r"takes (\d+) MB", (ROOT / "docs" / "how-to" / "install-the-package.md").read_text())
    assert size == pytest.approx(int(stated), rel=0.1)


@pytest.mark.slow
def test_a_type_checker_understands_what_uses_it(clean, tmp_path):
    (tmp_path / "consumer.py").write_text(CONSUMER)
    (tmp_path / "wrong.py").write_text(CONSUMER + "frame.readings[0].label + 1\n")
    check = (sys.executable, "-m", "mypy", "--strict", "--python-executable", clean)
    assert run(*check, "consumer.py", cwd=tmp_path).returncode == 0
    assert 'Unsupported operand types for + ("str" and "int")' in run(*check, "wrong.py", cwd=tmp_path).stdout
