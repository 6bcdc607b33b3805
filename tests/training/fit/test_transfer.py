"""The weights that a backbone begins with, and when its layers learn, in the process with Keras that tests share."""

import textwrap
from importlib.util import find_spec

import pytest

PRELUDE = """
import hashlib, json, os, shutil, sys
from dataclasses import dataclass, replace
from pathlib import Path
import h5py, keras
import numpy as np
from core.recipes import Recipe, register
from core.recipes.recipe import Backbone, BackboneSettings, KerasFile
from training.runs.folder import LATEST, RunPlan, read_history
from training.errors import TrainingError
from training.fit.examples import Examples
from training.fit.keras_trainer import KerasTrainer
from training.fit.plan import FitPlan, Material
from training.fit.transfer import begin_epoch, fill

@dataclass(frozen=True)
class Settings(BackboneSettings):
    weights: str = "none"
    thaw: str = "late"

def backbone(seed):
    layers = keras.layers
    return keras.Sequential([
        keras.Input((48, 48, 1)), layers.AveragePooling2D(6), layers.Conv2D(4, 3, name="early"),
        layers.BatchNormalization(momentum=0.5, name="norm"), layers.Conv2D(8, 3, name="late", kernel_initializer=
        keras.initializers.GlorotUniform(seed)), layers.GlobalAveragePooling2D(),
    ], name="backbone")

def build(settings):
    from core.recipes.layers.images import Jitter, Standardize

    image = keras.Input((48, 48, 1), dtype="uint8")
    x = keras.layers.Dropout(0.1)(backbone(None)(Jitter()(Standardize()(image))))
    return keras.Model(image, {"fer7": keras.layers.Dense(7, dtype="float32", name="fer7")(x)})

folder = Path(sys.argv[1])
file = folder / "early.weights.h5"
folder.mkdir(exist_ok=True)
trainer = KerasTrainer()
source = backbone(7)
source.save_weights(file)
where = KerasFile("http://127.0.0.1:9/early.weights.h5", hashlib.md5(file.read_bytes()).hexdigest())
published = Backbone(lambda model: model.get_layer("backbone"), where)
recipe = register(Recipe("tiny", "Small.", "pixels", ("fer7",), Settings, build, backbone=published))
settings = Settings(epochs=4, batch=16, weights=str(file))
rng = np.random.default_rng(0)
examples = Examples(rng.integers(0, 255, (48, 48, 48, 1)).astype(np.uint8), rng.integers(0, 7, 48),
                    np.zeros((48, 10), np.uint8))

def refusal(call):
    try:
        call()
    except TrainingError as error:
        assert "\\n" not in str(error)
        return str(error)

def values(model, layer):
    return [np.asarray(weight) for weight in published.find(model).get_layer(layer).weights]

def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

def begin(name, settings=settings, recipe=recipe, minutes=None):
    material = Material(Path("d.parquet"), "0" * 32, {"name": "pixels", "version": 1}, examples, examples)
    return trainer.fit(FitPlan(recipe, settings, material, folder / name), minutes=minutes, say=lambda line: None)
"""


@pytest.fixture
def check(run_shared):
    return lambda code, folder: run_shared(PRELUDE + textwrap.dedent(code), folder)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_run_that_is_stopped_at_every_epoch_learns_the_same_across_the_thaw(run_alone, tmp_path, backend):
    if not find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    code = """
    if keras.backend.backend() == "tensorflow":
        import tensorflow
        tensorflow.config.experimental.enable_op_determinism()
    curves = lambda name: [[row[key] for key in ("loss", "val_loss")] for row in read_history(folder / name)]
    begin("whole")
    for epoch in range(1, 5):
        begin("parts", minutes=1e-9)
        assert len(curves("parts")) == epoch
        if epoch == 3:  # killed after the curves were written and before the checkpoint was
            with open(folder / "parts" / "history.csv", "a") as lines:
                lines.write("4,9.0,9.0,0.99,1.0\\n")
    assert trainer.is_finished(folder / "parts")
    assert curves("parts") == curves("whole")
    ends = [build(settings) for name in ("whole", "parts")]
    for model, name in zip(ends, ("whole", "parts")):
        model.load_weights(folder / name / LATEST)
    assert same(*[[np.asarray(weight) for weight in model.weights] for model in ends])
    """
    outcome = run_alone(PRELUDE + textwrap.dedent(code), tmp_path, backend)
    assert outcome.returncode == 0, outcome.stderr[-3000:]


def test_a_network_begins_with_what_its_trunk_has_learnt_in_another_recipe(check, tmp_path):
    check(
        """
        from core.recipes.recipe import Trunk
        from training.fit.transfer import begin
        from training.runs.folder import save_weights

        def build_larger(settings):
            image = keras.Input((48, 48, 1))
            x = keras.layers.Dense(5)(backbone(None)(image))
            return keras.Model(image, {"fer7": keras.layers.Dense(7)(x)})

        larger = Recipe("larger", "Larger.", "pixels", ("fer7",), Settings, build_larger,
                        trunk=Trunk("tiny", lambda model: model.get_layer("backbone")))
        learnt, model = build(settings), build_larger(settings)
        save_weights(learnt, folder / "tiny.npz")
        begin(model, larger, folder / "tiny.npz")
        for one, other in zip(published.find(learnt).weights, larger.trunk.find(model).weights, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-6)
        save_weights(model, folder / "larger.npz")
        again = build_larger(settings)
        begin(again, larger, folder / "larger.npz")
        np.testing.assert_allclose(again.weights[-2], model.weights[-2], rtol=1e-3, atol=1e-6)
        assert "of another model" in refusal(lambda: begin(learnt, recipe, folder / "larger.npz"))
        learnt.save_weights(folder / "tiny.weights.h5")
        assert "not readable" in refusal(lambda: begin(model, larger, folder / "tiny.weights.h5"))
        """,
        tmp_path,
    )


def test_only_what_is_to_learn_does(check, tmp_path):
    check(
        """
        def after(epochs, settings):
            model = build(settings)
            fill(model, recipe, file, np.zeros((2, 48, 48, 1), np.uint8))
            since = None
            for epoch in range(epochs):
                since = begin_epoch(model, recipe, settings, epoch, 3, since)
                model.train_on_batch(examples.features[:16], {"fer7": np.eye(7)[examples.labels[:16]]})
            return model, since

        before = {name: [np.asarray(weight) for weight in source.get_layer(name).weights]
                  for name in ("early", "norm", "late")}
        settings = replace(settings, learning_rate=0.1, schedule="constant")
        for epochs, learnt in ((2, set()), (3, {"late"})):
            model, since = after(epochs, settings)
            assert {name for name in before if not same(values(model, name), before[name])} == learnt, (epochs, learnt)
            assert since == (2 if learnt else 0)
        for weights in ("none", "imagenet"):
            model, since = after(2, replace(settings, weights=weights, frozen_epochs=0, thaw="early"))
            changed = {name for name in before if not same(values(model, name), before[name])}
            assert changed == ({"early", "late"} | ({"norm"} if weights == "none" else set())), (weights, changed)
            assert since == 0
        recipe = replace(recipe, backbone=replace(published, normalisation_learns=True))
        model, _ = after(2, replace(settings, frozen_epochs=0, thaw="norm"))
        assert {name for name in before if not same(values(model, name), before[name])} == {"norm", "late"}
        model, _ = after(2, replace(settings, weights="none"))
        assert not same(values(model, "early"), before["early"])  # nothing to keep: nothing is frozen
        """,
        tmp_path,
    )


def test_the_learning_rate_goes_on_over_the_thaw(check, tmp_path):
    check(
        """
        def rates(settings):
            model, since, seen = build(settings), None, []
            for epoch in range(4):
                since = begin_epoch(model, recipe, settings, epoch, 3, since)
                for step in range(3):
                    seen.append(float(model.optimizer.learning_rate))
                    model.train_on_batch(examples.features[:16], {"fer7": np.eye(7)[examples.labels[:16]]})
            return seen

        np.testing.assert_allclose(rates(settings), rates(replace(settings, frozen_epochs=0)), rtol=1e-5)
        """,
        tmp_path,
    )


def test_a_file_is_needed_to_begin_with_and_never_again(check, tmp_path):
    check(
        """
        still = replace(settings, learning_rate=0.0, schedule="constant")
        model = begin("run", still, minutes=1e-9)
        for name in ("early", "norm", "late"):
            assert same(values(model, name), [np.asarray(weight) for weight in source.get_layer(name).weights])
        told = RunPlan.read(folder / "run").pretrained
        assert told == {"name": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}

        begin("none", replace(still, weights="none", epochs=1))
        assert RunPlan.read(folder / "none").pretrained is None

        legacy = folder / "early.h5"  # as keras.applications publishes its files
        with h5py.File(legacy, "w") as target:
            target.attrs["layer_names"] = [layer.name.encode() for layer in source.layers]
            for layer in source.layers:
                group = target.create_group(layer.name)
                group.attrs["weight_names"] = [f"{layer.name}/{weight.name}:0".encode() for weight in layer.weights]
                for weight in layer.weights:
                    group[f"{layer.name}/{weight.name}:0"] = np.asarray(weight)
        model = begin("legacy", replace(still, weights=str(legacy), epochs=1))
        assert same(values(model, "late"), [np.asarray(weight) for weight in source.get_layer("late").weights])

        for path, width in ((folder / "wrong.weights.h5", 2), (legacy, None)):
            if width:
                keras.Sequential([keras.Input((4,)), keras.layers.Dense(width)]).save_weights(path)
            else:
                path.write_bytes(b"nothing of the kind")
            told = refusal(lambda: begin(f"wrong-{width}", replace(still, weights=str(path))))
            assert "not readable as weights of this model" in told and "takes the file early.weights.h5" in told, told

        file.unlink()
        begin("run", still)
        trainer.load_best(folder / "run")
        assert trainer.is_finished(folder / "run")
        told = refusal(lambda: begin("new", still))
        assert "no such file" in told and "imagenet, or none" in told, told
        assert not (folder / "new").exists()
        """,
        tmp_path,
    )


def test_imagenet_is_downloaded_once_and_a_failure_is_one_sentence(check, tmp_path):
    check(
        """
        import functools, http.server, threading

        class Quiet(http.server.SimpleHTTPRequestHandler):
            asked = []

            def log_message(self, *arguments):
                self.asked.append(self.path)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}"
        wanted = replace(settings, weights="imagenet", epochs=2)

        def of(**changes):
            return replace(recipe, backbone=replace(published, published=replace(where, **changes)))

        for changes in ({}, {"url": f"{at}/nowhere.h5"}, {"url": f"{at}/{file.name}", "md5": "0" * 32}):
            told = refusal(lambda: begin("run", wanted, recipe=of(**changes)))
            assert "could not be downloaded" in told and "--weights FILE" in told and "--weights none" in told, told
            assert not (folder / "run").exists()

        Quiet.asked.clear()
        shutil.rmtree(Path(os.environ["KERAS_HOME"]) / "models")  # Keras keeps the file whose hash was wrong
        there = of(url=f"{at}/{file.name}")
        still = replace(wanted, learning_rate=0.0, schedule="constant")
        model = begin("run", still, recipe=there, minutes=1e-9)
        assert same(values(model, "late"), [np.asarray(weight) for weight in source.get_layer("late").weights])
        assert RunPlan.read(folder / "run").pretrained["name"] == file.name
        server.shutdown()
        server.server_close()
        shutil.rmtree(Path(os.environ["KERAS_HOME"]) / "models")
        begin("run", still, recipe=there)
        trainer.load_best(folder / "run")
        assert Quiet.asked == [f"/{file.name}"], Quiet.asked
        """,
        tmp_path,
    )
