"""One process with Keras that tests share: importing TensorFlow takes seconds, and the app's tests run without it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOOP = """
import json, sys, traceback
from core import recipes

for line in sys.stdin:
    code, folder = json.loads(line)
    sys.argv = ["", folder]
    recipes._RECIPES.pop("tiny", None)  # each script registers its own
    try:
        exec(code, {"__name__": "__main__"})
        error = ""
    except BaseException:
        error = traceback.format_exc()
    sys.modules["keras"].utils.clear_session()
    print("\\0" + json.dumps(error), flush=True)
"""


def environment(backend, home):
    return os.environ | {
        "KERAS_BACKEND": backend,
        "KERAS_HOME": str(home),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "JAX_PLATFORMS": "cpu",
    }


@pytest.fixture(scope="session")
def keras_home(tmp_path_factory):
    return tmp_path_factory.mktemp("keras")


@pytest.fixture(scope="session")
def run_alone(keras_home):
    """Run a script in a process of its own: `run_alone(code, folder, backend="jax")`."""

    def run(code, folder, backend="tensorflow"):
        command = [sys.executable, "-c", code, str(folder)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=environment(backend, keras_home), check=False
        )

    return run


@pytest.fixture(scope="session")
def run_shared(keras_home):
    """Run a script in the process that tests share, on TensorFlow; its folder is `sys.argv[1]`."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOOP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment("tensorflow", keras_home),
    )

    def run(code, folder):
        process.stdin.write(json.dumps([code, str(folder)]) + "\n")
        process.stdin.flush()
        error = next((json.loads(line[1:]) for line in process.stdout if line.startswith("\0")), "it died")
        assert not error, error

    yield run
    process.stdin.close()
    process.wait()
    process.stdout.close()
