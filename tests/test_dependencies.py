"""The traps among the dependencies stay closed; pyproject.toml and README say what they are."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from core.cli.doctor import cv2_owners
from core.runtime.assets import FACE_DETECTOR
from core.runtime.wheel_source import Wheel

ROOT = Path(__file__).parents[1]


def pinned(path):
    """The pins of one lock file that hold on this machine, by name."""
    requirements = [Requirement(line) for line in path.read_text().splitlines() if "==" in line]
    return {each.name: str(each.specifier) for each in requirements if not each.marker or each.marker.evaluate()}


def tracked_files():
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_one_distribution_owns_cv2_and_it_is_headless():
    assert cv2_owners() == ["opencv-python-headless"]


def test_mediapipe_is_the_newest_release_that_contacts_nobody():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert "mediapipe==0.10.33" in declared
    assert pinned(ROOT / "requirements.txt")["mediapipe"] == "==0.10.33"
    assert metadata.version("mediapipe") == "0.10.33"


def test_what_is_installed_is_what_is_locked():
    locked = pinned(ROOT / "requirements.txt") | pinned(ROOT / "requirements-dev.txt")
    installed = {distribution.metadata["Name"].lower().replace("_", "-") for distribution in metadata.distributions()}
    differing = {
        name: metadata.version(name)
        for name in locked.keys() & installed
        if f"=={metadata.version(name)}" != locked[name]
    }
    assert differing == {}


def test_every_line_of_the_locks_is_a_pin_or_the_stand_in():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            assert line.startswith("#") or "==" in line or line == "./packaging/opencv-contrib-python"


def test_both_locks_agree():
    serving, checking = pinned(ROOT / "requirements.txt"), pinned(ROOT / "requirements-dev.txt")
    assert [name for name in serving.keys() & checking.keys() if serving[name] != checking[name]] == []


def test_no_package_index_is_named():
    """People install from the index that their machine is set up for."""
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.", "conda" + ".anaconda"]
    pattern = re.compile(
        "|".join(map(re.escape, hosts)) + r"|(index-url|find-links)[= \"]+(https?|file):", re.IGNORECASE
    )
    naming = [path for path in tracked_files() if pattern.search(path.read_text(errors="ignore"))]
    assert naming == []


def test_every_package_the_engine_imports_is_declared():
    """A package that others happen to bring today may be gone tomorrow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = chain(project["dependencies"], *project["optional-dependencies"].values())
    declared = {Requirement(line).name for line in lines}
    names = {
        "cv2": "opencv-python-headless",
        "PIL": "pillow",
        "pi_heif": "pi-heif",
        "ai_edge_litert": "ai-edge-litert",
        "sklearn": "scikit-learn",
    }
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            imported = []
            if isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported = [node.module]
            for name in {name.partition(".")[0] for name in imported} - sys.stdlib_module_names:
                assert names.get(name, name) in declared, f"{path.name} imports {name}"


def test_the_wheel_that_carries_the_detector_is_pinned():
    assert isinstance(FACE_DETECTOR.sources[-1].origin, Wheel)
    assert FACE_DETECTOR.sources[-1].origin.requirement == "mediapipe==0.10.21"
