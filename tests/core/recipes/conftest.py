import json
import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session", params=["tensorflow", pytest.param("jax", marks=pytest.mark.slow)])
def keras_tells(request):
    """Run code with Keras in a process of its own and hand back the dictionary that it fills: `keras_tells(code)`."""
    if find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    settings = {"KERAS_BACKEND": request.param, "TF_CPP_MIN_LOG_LEVEL": "2", "JAX_PLATFORMS": "cpu"}

    def tells(code):
        whole = f"import json, sys\nimport keras\nimport numpy as np\ntold = {{}}\n{textwrap.dedent(code)}\n"
        whole += "assert 'mediapipe' not in sys.modules\nprint('TOLD', json.dumps(told))"
        run = subprocess.run(
            [sys.executable, "-c", whole], capture_output=True, text=True, cwd=ROOT, env=os.environ | settings
        )
        assert run.returncode == 0, run.stderr[-3000:]
        line = next(line for line in run.stdout.splitlines() if line.startswith("TOLD"))
        return json.loads(line.removeprefix("TOLD "))

    return tells
