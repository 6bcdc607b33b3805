"""What the serving processes do not import.

TensorFlow crashes streamlit-webrtc and takes seconds to import; the Space has neither a studio nor a workshop.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STUDIO = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({home!r}, default_timeout=60).run().switch_page("screens/photo.py").run()
app.segmented_control[0].set_value("Sample").run()
assert app.get("plotly_chart") and not app.exception
"""
SPACE = """
import shutil, sys
sys.path.insert(0, ".")
from core.inference.installed import default_model
from webapp.space import app, reading, uploads
app.build()
upload = shutil.copy({portrait!r}, uploads.folder())
assert reading.read({{"path": upload}}, default_model())[2].faces
"""


HEAVY = {"tensorflow", "keras", "torch"}


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [(STUDIO, HEAVY), (SPACE, HEAVY | {"streamlit", "training", "sklearn"})],
    ids=["studio", "space"],
)
def test_no_tensorflow_after_a_reading(code, unwanted, detector, portrait):
    check = f"import sys; print(sorted(set({sorted(unwanted)}) & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code.format(portrait=str(portrait), home=str(ROOT / "webapp" / "Home.py")) + check],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stdout.splitlines()[-1:] == ["[]"], run.stderr
