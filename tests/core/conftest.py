import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Keras:
    """Keras on one backend in a process of its own, because the process that runs the tests imports none."""

    def __init__(self, backend, log):
        self._log = log
        settings = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "2", "JAX_PLATFORMS": "cpu"}
        with open(log, "w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("keras_server.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
            )

    def __call__(self, code, **given):
        """Run code that uses `keras`, `np` and what is given, and hand back the dictionary `told` that it fills."""
        print(json.dumps([code, given]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, self._log.read_text()[-3000:]
        told, error = json.loads(answer)
        assert not error, error
        return told

    def close(self):
        self._process.communicate()


@pytest.fixture(scope="session")
def keras_on(tmp_path_factory):
    """Keras on a backend, started once for all tests: `keras_on("tensorflow")(code)`; see `Keras`."""
    started = {}

    def on(backend):
        if find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        if backend not in started:
            started[backend] = Keras(backend, tmp_path_factory.mktemp("keras") / "log.txt")
        return started[backend]

    yield on
    for process in started.values():
        process.close()


@pytest.fixture(scope="session", params=["tensorflow", pytest.param("jax", marks=pytest.mark.slow)])
def keras_tells(keras_on, request):
    """Run code with Keras, on each backend in turn, and hand back what it tells: `keras_tells(code)`; see `Keras`."""
    return keras_on(request.param)
