"""The sizes of the house, and what is really loaded; `lint-imports` checks which module may import which."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("core", "training", "webapp")
SCREENS = {"streamlit", "streamlit_webrtc", "gradio"}
TRAINING_ONLY = {"tensorflow", "keras", "torch", "jax"}


@pytest.fixture(scope="module")
def modules():
    rooms = (*FLOORS, "benchmarks", "deploy", "packaging", "tests")
    return [path.relative_to(ROOT) for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_files_are_small_and_named_for_what_they_hold(modules):
    assert [path for path in modules if len((ROOT / path).read_text().splitlines()) > 300] == []
    assert [path for path in modules if path.stem in {"utils", "util", "helpers", "common", "misc"}] == []


def test_a_folder_holds_few_modules_and_the_three_floors_few_files(modules):
    code = [path for path in modules if path.parts[0] != "tests"]
    assert {folder: count for folder, count in Counter(path.parent for path in code).items() if count > 15} == {}
    # A reader of a dataset's format is one file, and so is a kind of foreign model.
    assert len([path for path in code if path.parts[0] in FLOORS]) <= 305


def test_the_engine_imports_itself_relatively(modules):
    """In the wheel the package is called `mien`."""
    absolute = re.compile(r"^\s*(from|import) core\b", re.MULTILINE)
    assert [path for path in modules if path.parts[0] == "core" and absolute.search((ROOT / path).read_text())] == []


def loaded_after(code, *names):
    """Which of the modules a fresh Python has loaded after running the code."""
    code += f"\nimport sys\nprint('LOADED', *[name for name in {names!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()[-1].split()[1:]


def test_importing_the_recipes_loads_no_training_library():
    assert loaded_after("from core.recipes import recipes\nassert recipes()", *TRAINING_ONLY) == []


def test_mediapipe_brings_neither_tensorflow_nor_drawing_nor_sound():
    code = "from core.runtime.mediapipe_guard import load_vision\nload_vision().FaceDetector"
    assert loaded_after(code, "mediapipe", "matplotlib", "sounddevice", *TRAINING_ONLY) == ["mediapipe"]


def test_what_the_guard_leaves_out_can_be_imported_afterwards():
    code = "from core.runtime.mediapipe_guard import load_vision\nload_vision()\nimport matplotlib.pyplot"
    assert loaded_after(code, "matplotlib.pyplot") == ["matplotlib.pyplot"]


def test_a_reading_loads_no_training_library(detector):
    code = (
        "from skimage.data import astronaut\nfrom core.recognizer import Recognizer\n"
        "assert Recognizer().read(astronaut())"
    )
    assert loaded_after(code, *TRAINING_ONLY, *SCREENS) == []


def test_streamlit_webrtc_and_mediapipe_live_in_one_process():
    """TensorFlow before streamlit-webrtc crashes the process."""
    code = "from core.runtime.mediapipe_guard import load_vision\nload_vision()\nimport streamlit_webrtc"
    assert loaded_after(code, "streamlit_webrtc", *TRAINING_ONLY) == ["streamlit_webrtc"]
