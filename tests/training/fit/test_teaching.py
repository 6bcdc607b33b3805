"""Teachers that look on, in the process with Keras that tests share."""

import textwrap

import pytest

PRELUDE = """
import sys
from dataclasses import replace
from pathlib import Path
import keras
import numpy as np
from core.recipes import get_recipe
from training.errors import TrainingError
from training.fit.examples import Examples
from training.fit.keras_trainer import KerasTrainer
from training.fit.plan import FitPlan, Material
from training.fit.teaching import taught
from training.runs.folder import RunPlan

folder = Path(sys.argv[1])
rng = np.random.default_rng(0)
examples = Examples(rng.integers(0, 255, (48, 48, 48, 1)).astype(np.uint8), rng.integers(0, 7, 48),
                    np.zeros((48, 10), np.uint8))
material = Material(Path("d"), "1", {"name": "pixels", "version": 1}, examples, examples)
recipe = get_recipe("distilled")
settings = recipe.settings(side=24, width=8, embedding=8, average=False, epochs=1, batch=16)
"""


@pytest.fixture
def check(run_shared, tmp_path):
    def run(code):
        run_shared(PRELUDE + textwrap.dedent(code), tmp_path)

    return run


def test_a_student_learns_from_runs_that_its_plan_names(check):
    check(
        """
        trainer = KerasTrainer()
        trainer.fit(FitPlan(recipe, settings, material, folder / "teacher"))
        plan = FitPlan(recipe, settings, material, folder / "student", teacher_runs=(folder / "teacher",))
        model = trainer.fit(plan, say=lambda line: None)
        assert list(RunPlan.read(folder / "student").data["teachers"]) == ["teacher"]
        assert not [layer for layer in model.layers if layer.name.startswith("teacher")]
        alone = FitPlan(recipe, settings, material, folder / "student")
        try:
            trainer.fit(alone)  # it would be another run
        except TrainingError as error:
            assert "holds" in str(error) or "teacher" in str(error) or "data" in str(error), error
        else:
            raise AssertionError("a run was continued without its teachers")
        """
    )


def test_the_loss_is_how_far_the_student_is_from_its_teachers(check):
    check(
        """
        teacher, student = recipe.build(settings), recipe.build(replace(settings, rotation=0.0, dropout=0.0))
        for weight in student.trainable_weights[-2:]:
            weight.assign(weight * 3)
        learner, names = taught(student, [teacher], 0.5)
        assert sorted(names) == ["fer7", "ferplus8"]
        assert len(learner.trainable_weights) == len(student.trainable_weights)
        learner(examples.features[:8], training=True)
        apart = float(sum(learner.losses))
        assert apart > 0
        learner.compile("adam", {name: "mse" for name in names}, loss_weights={name: 0.0 for name in names})
        before = [np.asarray(weight) for weight in teacher.weights]
        targets = {name: np.zeros((48, size)) for name, size in (("fer7", 7), ("ferplus8", 8))}
        for _ in range(40):
            last = learner.train_on_batch(examples.features, targets)
        assert np.ravel(last)[0] < apart
        for old, weight in zip(before, teacher.weights, strict=True):
            np.testing.assert_array_equal(old, weight)
        """
    )


def test_what_cannot_be_taught_so_is_refused(check):
    check(
        """
        mirrored = recipe.build(replace(settings, average=True))  # its jitter lies inside another network
        for student, teachers in ((mirrored, [mirrored]), (keras.Sequential([keras.Input((2,))]), [])):
            try:
                taught(student, teachers, 0.5)
            except TrainingError as error:
                assert str(error)
            else:
                raise AssertionError("not refused")
        """
    )
