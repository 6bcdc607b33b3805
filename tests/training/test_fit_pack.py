"""The fit on a bare machine, in a process that is refused every package such a machine does not have."""

import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from training.fit.examples import Examples
from training.fit.pack import write_pack
from training.fit.plan import Material

ROOT = Path(__file__).resolve().parents[2]
MISSING = ["typer", "tqdm", "cv2", "pyarrow", "pandas", "PIL", "mediapipe", "mlflow", "tensorflow", "torch"]
MISSING += ["ai_edge_litert", "sklearn", "pooch", "platformdirs", "requests", "joblib", "streamlit"]

TINY = """
from core.recipes import FitSettings, Recipe, register

def build(settings):
    import keras
    from core.recipes.layers.images import Jitter, MirrorAverage, Standardize, convolution

    standard = keras.Input((48, 48, 1))
    x = convolution(keras.layers.AveragePooling2D(4)(Jitter()(standard)), 4)
    network = keras.Model(standard, keras.layers.Dense(7, dtype="float32")(keras.layers.Flatten()(x)))
    image = keras.Input((48, 48, 1), dtype="uint8")
    return keras.Model(image, {"fer7": MirrorAverage(network, name="fer7")(Standardize()(image))})

recipe = register(Recipe("tiny", "Small.", "pixels", ("fer7",), FitSettings, build))
"""
REFUSING = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ModuleNotFoundError("refused: " + name, name=name)

sys.meta_path.insert(0, Refuse())
"""


def run(code, *arguments, **variables):
    environment = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment | {"JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "2"} | variables,
    )


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (48, 48, 48, 1)).astype(np.uint8)
    examples = Examples(images, rng.integers(0, 7, 48), np.zeros((48, 10), np.uint8))
    path = tmp_path_factory.mktemp("pack") / "d.pack.npz"
    feature = {"name": "pixels", "version": 1}
    write_pack(path, Material(Path("d.parquet"), "0" * 32, feature, examples[:32], examples[32:]))
    return path


def test_a_bare_machine_can_load_the_command_and_every_recipe():
    code = REFUSING.format(missing=[*MISSING, "keras", "jax"]) + "import training.fit_pack"
    outcome = run(code + "\nfrom core.recipes import recipes\nassert 'quick' in recipes()")
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_a_bare_machine_fits_a_pack_and_its_folder_comes_home(tmp_path, pack, backend):
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    brought = {"tensorflow": {"tensorflow", "requests"}, "jax": set()}[backend]  # TensorFlow itself needs requests
    missing = [name for name in MISSING if name not in brought]
    command = (
        REFUSING.format(missing=missing) + TINY + "from training.fit_pack import main\nsys.exit(main(sys.argv[1:]))"
    )
    options = ["--recipe", "tiny", "--set", "epochs=2", "--set", "batch=16", "--half"]
    chosen = {"KERAS_BACKEND": backend} if backend == "tensorflow" else {}
    outcome = run(command, pack, *options, "--run", tmp_path / "run", "--minutes", "1e-9", **chosen)
    assert outcome.returncode == 0, outcome.stderr
    assert "not finished" in outcome.stdout
    outcome = run(command, pack, *options, "--run", tmp_path / "run", **chosen)
    assert outcome.returncode == 0, outcome.stderr
    assert "epoch 2/2" in outcome.stdout
    assert "epoch 1/2" not in outcome.stdout
    home = tmp_path / "home"
    home.mkdir()
    for name in ("fit.json", "history.csv", "best.weights.npz"):
        (home / name).write_bytes((tmp_path / "run" / name).read_bytes())
    outcome = run(
        TINY
        + """
        import sys
        from pathlib import Path
        import numpy as np
        from training.fit.keras_trainer import KerasTrainer
        from training.fit.pack import read_pack
        from training.runs.folder import RunPlan

        features = read_pack(Path(sys.argv[1])).choice.features
        whole, half = (KerasTrainer().load_best(Path(folder))[2].predict(features)["fer7"] for folder in sys.argv[2:])
        np.testing.assert_allclose(whole, half, atol=1e-2)
        assert RunPlan.read(Path(sys.argv[2])).data["hash"] == "0" * 32
        """.replace("\n        ", "\n"),
        pack,
        tmp_path / "run",
        home,
    )
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--recipe", "nope"], "unknown recipe 'nope'"),
        (["--recipe", "quick", "--set", "epochs=0"], "at least 1"),
        (["--recipe", "quick", "--preset", "no"], "no such preset"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, pack, capsys, options, words):
    from training.fit_pack import main

    assert main([str(pack), "--run", str(tmp_path / "run"), *options]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
