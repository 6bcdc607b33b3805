import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.runtime.mediapipe_guard import _guarded, load_vision

ROOT = Path(__file__).parents[3]


def test_what_mien_uses_of_mediapipe():
    vision = load_vision()
    assert load_vision() is vision
    for task in ("FaceDetector", "FaceLandmarker", "ImageEmbedder"):
        assert hasattr(getattr(vision, task), "create_from_options")
        assert hasattr(vision, f"{task}Options")
    assert vision.RunningMode.VIDEO.name == "VIDEO"


def test_only_the_importing_thread_is_guarded(tmp_path, monkeypatch):
    (tmp_path / "tensorflow.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with _guarded():
        with pytest.raises(ModuleNotFoundError):
            import tensorflow
        thread = threading.Thread(target=__import__, args=("tensorflow",))
        thread.start()
        thread.join()
        assert Path(sys.modules.pop("tensorflow").__file__).parent == tmp_path
    import tensorflow

    assert Path(tensorflow.__file__).parent == tmp_path
    sys.modules.pop("tensorflow")  # not by monkeypatch, which would put this one back for all tests to come


def test_native_logs_are_hidden_and_pythons_are_not():
    code = """
import os, sys
from core.runtime.mediapipe_guard import native_logs_hidden
with native_logs_hidden():
    os.write(2, b"native inside\\n")
    print("python inside", file=sys.stderr)
os.write(2, b"native after\\n")
print("python after", file=sys.stderr)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert run.stderr.splitlines() == ["python inside", "native after", "python after"]
