"""What the serving processes keep out: TensorFlow crashes streamlit-webrtc and takes seconds to import."""

import subprocess
import sys
from pathlib import Path

import pytest

STUDIO = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("webapp/Home.py", default_timeout=60).run()
app.segmented_control[0].set_value("Sample").run()
assert app.get("plotly_chart") and not app.exception
"""
SPACE = """
import shutil, sys
sys.path.insert(0, ".")
from core.inference.artifact import default_model
from webapp.space import app, reading, uploads
app.build()
upload = shutil.copy({portrait!r}, uploads.folder())
assert reading.read({{"path": upload}}, default_model())[2].faces
"""


@pytest.mark.parametrize("code", [STUDIO, SPACE], ids=["studio", "space"])
def test_no_tensorflow_after_a_reading(code, detector, portrait):
    check = "import sys; print(sorted({'tensorflow', 'keras', 'torch'} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code.format(portrait=str(portrait)) + check],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stdout.splitlines()[-1:] == ["[]"], run.stderr
