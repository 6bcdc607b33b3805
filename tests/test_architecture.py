"""Imports only go down: webapp may use training and core, training may use core, core uses neither."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCREENS = {"streamlit", "streamlit_webrtc", "gradio"}
TRAINING_ONLY = {"tensorflow", "keras", "torch", "jax"}


def modules(room):
    paths = sorted((ROOT / room).rglob("*.py"))
    assert paths
    return paths


def imports(path, module_level_only=False):
    """Top-level names that a file imports absolutely; those inside functions too unless told otherwise."""
    todo, found = [ast.parse(path.read_text())], set()
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
        if not (module_level_only and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return found


@pytest.mark.parametrize("path", modules("core"), ids=str)
def test_core_uses_no_other_room_and_no_screen(path):
    assert not imports(path) & ({"core", "training", "webapp"} | SCREENS)


@pytest.mark.parametrize("path", modules("training"), ids=str)
def test_training_uses_no_page(path):
    assert not imports(path) & ({"webapp"} | SCREENS)


@pytest.mark.parametrize("path", modules("core"), ids=str)
def test_core_loads_no_training_library_by_itself(path):
    if not (path.parent == ROOT / "core" / "models" and path.stem.endswith("layers")):
        assert not imports(path, module_level_only=True) & TRAINING_ONLY


@pytest.mark.parametrize("path", modules("webapp"), ids=str)
def test_pages_load_no_training_library(path):
    assert not imports(path) & TRAINING_ONLY


@pytest.mark.parametrize("path", [path for room in ("core", "training", "webapp") for path in modules(room)], ids=str)
def test_files_are_small_and_named_for_what_they_hold(path):
    assert len(path.read_text().splitlines()) <= 300
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}


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
