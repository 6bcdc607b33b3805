"""Fitting networks, in the process with Keras that these tests share."""

import json
import textwrap
from importlib.util import find_spec

import pytest

PRELUDE = """
import csv, json, os, signal, sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from core.recipes import FitSettings, Recipe, register
from training.errors import TrainingError
from training.fit.examples import Examples
from training.fit.keras_trainer import KerasTrainer
from training.fit.plan import FitPlan, Material
from training.runs.folder import RunPlan

def build(settings):
    import keras
    from core.recipes.layers.images import Jitter, MirrorAverage, Standardize, convolution

    standard = keras.Input((48, 48, 1))
    x = convolution(keras.layers.AveragePooling2D(4)(Jitter()(standard)), 8)
    x = keras.layers.Dropout(0.1)(keras.layers.Flatten()(x))
    network = keras.Model(standard, keras.layers.Dense(7, dtype="float32")(x))
    image = keras.Input((48, 48, 1), dtype="uint8")
    return keras.Model(image, {"fer7": MirrorAverage(network, name="fer7")(Standardize()(image))})

recipe = register(Recipe("tiny", "Small.", "pixels", ("fer7",), FitSettings, build))
settings = FitSettings(epochs=3, batch=16)
rng = np.random.default_rng(0)
labels = rng.integers(0, 7, 64)
features = rng.integers(0, 100, (64, 48, 48, 1)).astype(np.uint8)
for row, label in enumerate(labels):
    features[row, 6 * label : 6 * label + 6] = 250
examples = Examples(features, labels, np.zeros((64, 10), np.uint8))
folder = Path(sys.argv[1])
material = Material(Path("d.parquet"), "0" * 32, {"name": "pixels", "version": 1}, examples, examples)
trainer = KerasTrainer()

def plan(name=".", settings=settings, **changes):
    return FitPlan(recipe, settings, **({"material": material, "folder": folder / name} | changes))

def curves(name="."):
    return list(csv.DictReader(open(folder / name / "history.csv")))

def refusal(call):
    try:
        call()
    except TrainingError as error:
        return str(error)
"""


@pytest.fixture
def check(run_shared):
    return lambda code, folder: run_shared(PRELUDE + textwrap.dedent(code), folder)


@pytest.fixture
def alone(run_alone):
    return lambda code, folder, **options: run_alone(PRELUDE + textwrap.dedent(code), folder, **options)


def test_it_learns_and_goes_on_after_a_kill_as_if_nothing_had_happened(check, alone, tmp_path):
    check("trainer.fit(plan())", tmp_path / "whole")
    killed = alone(
        """
        def kill_after_two(row):
            if row["epoch"] == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        trainer.fit(plan(), on_epoch=kill_after_two)
        """,
        tmp_path / "killed",
    )
    assert killed.returncode == -9
    check(
        """
        assert not trainer.is_finished(folder)
        told = []
        trainer.fit(plan(), on_epoch=lambda row: told.append(row["epoch"]))
        assert told == [3], told
        assert trainer.is_finished(folder)
        trainer.fit(plan(), on_epoch=lambda row: 1 / 0)
        """,
        tmp_path / "killed",
    )
    check(
        """
        first, second = curves("whole"), curves("killed")
        assert [row["epoch"] for row in second] == ["1", "2", "3"]
        assert float(first[-1]["loss"]) < float(first[0]["loss"])
        for name in ("loss", "val_loss", "val_accuracy"):
            np.testing.assert_allclose(*[[float(row[name]) for row in rows] for rows in (first, second)], rtol=1e-3)
        """,
        tmp_path,
    )


def test_a_row_of_the_curves_without_its_checkpoint_is_made_again(check, tmp_path):
    check(
        """
        trainer.fit(plan(settings=replace(settings, epochs=1)))
        with open(folder / "history.csv", "a") as lines:
            lines.write("2,9.0,9.0,0.99,1.0\\n")
        told = json.loads((folder / "fit.json").read_text())
        told["settings"]["epochs"] = 2
        (folder / "fit.json").write_text(json.dumps(told))
        trainer.fit(plan(settings=replace(settings, epochs=2)))
        assert [row["epoch"] for row in curves()] == ["1", "2"]
        assert float(curves()[1]["loss"]) < 9
        """,
        tmp_path / "run",
    )


def test_time_and_patience_end_it_and_leave_the_best_epoch(check, tmp_path):
    check(
        """
        said = []
        model = trainer.fit(plan("a"), minutes=1e-9, say=said.append)
        assert "stopped after 1 of 3 epochs" in said[-1], said
        assert not trainer.is_finished(folder / "a")
        kept = trainer.load_best(folder / "a")
        assert (kept[0], kept[1]) == (recipe, settings)
        np.testing.assert_allclose(kept[2].predict(features)["fer7"], model.predict(features)["fer7"], atol=1e-5)
        trainer.fit(plan("a"), minutes=1e-9)
        assert len(curves("a")) == 2

        patient = replace(settings, epochs=9, patience=1, learning_rate=0.0)
        trainer.fit(plan("b", replace(patient, schedule="constant")), say=said.append)
        accuracies = [float(row["val_accuracy"]) for row in curves("b")]
        assert len(accuracies) < 9 or sorted(accuracies) == accuracies, accuracies
        assert trainer.is_finished(folder / "b")
        """,
        tmp_path,
    )


def test_a_run_begins_from_given_weights_and_says_so(check, tmp_path):
    check(
        """
        from training.runs.folder import save_weights

        once = replace(settings, epochs=1)
        first = trainer.fit(plan("a", once))
        save_weights(first, folder / "first.npz")
        still = replace(once, learning_rate=0.0)
        second = trainer.fit(plan("b", still, start=folder / "first.npz"))
        by_kind = lambda model: [np.asarray(weight) for weight in model.trainable_weights]
        for one, other in zip(by_kind(first), by_kind(second)):
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
        assert len(RunPlan.read(folder / "b").start) == 32
        assert "start" in refusal(lambda: trainer.fit(plan("b", still)))
        """,
        tmp_path,
    )


def test_a_run_of_an_earlier_version_can_be_continued(check, tmp_path):
    check(
        """
        trainer.fit(plan(), minutes=1e-9)
        told = json.loads((folder / "fit.json").read_text())
        del told["backend"], told["data"], told["start"], told["pretrained"], told["settings"]["balance"]
        (folder / "fit.json").write_text(json.dumps(told))
        trainer.fit(plan())
        assert len(curves()) == 3
        """,
        tmp_path / "run",
    )


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("balance", ["weights", "oversample"])
def test_weights_made_on_jax_answer_the_same_on_tensorflow(check, alone, tmp_path, balance):
    fitting = f"model = trainer.fit(plan(settings=replace(settings, epochs=1, balance={balance!r})))\n"
    fitting += "np.save(folder / 'answers.npy', model.predict(features)['fer7'])"
    fitted = alone(fitting, tmp_path / "run", backend="jax")
    assert fitted.returncode == 0, fitted.stderr
    assert json.loads((tmp_path / "run" / "fit.json").read_text())["backend"] == "jax"
    check(
        """
        answers = trainer.load_best(folder)[2].predict(features)["fer7"]
        np.testing.assert_allclose(answers, np.load(folder / "answers.npy"), atol=2e-4)
        """,
        tmp_path / "run",
    )


def test_fewer_images_than_a_batch_are_one_batch(check, tmp_path):
    check(
        """
        lines = []
        trainer.fit(plan(material=replace(material, training=examples[:5])), say=lines.append)
        assert lines[0].startswith("5 images")
        assert len(curves()) == 3
        """,
        tmp_path / "run",
    )


def test_what_cannot_be_trained_is_said_in_words(check, tmp_path):
    check(
        """
        def attempt(training=examples, validation=examples, precision="float32", start=None, **changes):
            given = replace(material, training=training, choice=validation)
            tried = plan(settings=replace(settings, **changes), material=given, precision=precision, start=start)
            return refusal(lambda: trainer.fit(tried)) or "none"

        assert "cosine, constant" in attempt(schedule="step")
        assert "mixed_bfloat16" in attempt(precision="half")
        assert "no such file" in attempt(start=folder / "no.npz")
        assert "public-test" in attempt(validation=examples[:0])
        assert "give the folder of a run" in refusal(lambda: trainer.load_best(folder))
        assert "no longer a number" in attempt(learning_rate=1e30, schedule="constant")
        assert "no weights in it" in refusal(lambda: trainer.load_best(folder))
        assert "learning_rate is 1e+30 there" in attempt()
        """,
        tmp_path / "run",
    )


def test_smoothing_spreads_a_share_of_the_seven_over_all_labels(check, tmp_path):
    check(
        """
        import keras
        from training.fit.epochs import compile_model

        image = keras.Input((3,))
        heads = {name: keras.layers.Dense(size, name=name)(image) for name, size in (("fer7", 7), ("ferplus8", 8))}
        model = keras.Model(image, heads)
        both = replace(recipe, label_sets=tuple(heads))
        inputs, targets = rng.normal(size=(4, 3)), {"fer7": np.eye(7)[:4], "ferplus8": np.eye(8)[:4]}
        expected = 0.0
        for name, share in (("fer7", 0.2), ("ferplus8", 0.0)):
            logits = np.asarray(model(inputs)[name], np.float64)
            smoothed = (1 - share) * targets[name] + share / targets[name].shape[1]
            probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            expected -= (smoothed * np.log(probabilities)).sum(axis=1).mean()
        compile_model(model, both, replace(settings, smoothing=0.2), steps=10)
        loss = model.test_on_batch(inputs, targets, return_dict=True)["loss"]
        np.testing.assert_allclose(loss, expected, rtol=1e-4)
        """,
        tmp_path,
    )
