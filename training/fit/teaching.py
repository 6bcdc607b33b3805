"""Teaching along: trained networks that answer to the very pictures, jitter and all, that a student learns from.

Beyer et al. (2022) found that a student gains most if it is taught long and its teachers see what it sees; answers to
the untouched pictures, as in `distillation`, are near to the labels where a teacher remembers a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.errors import TrainingError

_JITTER = ("Webcam", "Jitter")  # the classes of layers that vary pictures, from the last to the first
_STANDARD = "Standardize"


def taught(student, teachers: Sequence[Any], share: float):
    """A network for training alone: the student's own weights and answers, and its teachers' answers in its loss.

    In each label set that all teachers answer in, the loss is a mixture of the cross-entropy with the targets, which
    the caller has to weigh with 1 - `share`, and of the divergence from the mean of the teachers' answers.

    Args:
        student: A `keras.Model` of a recipe that reads pictures, whose jitter stands in its outermost graph.
        teachers: `keras.Model`s of recipes that read pictures. They do not learn.
        share: Share of the teachers, 0 to 1.

    Returns:
        The network, a `keras.Model`, and the names of the label sets in which it is taught.

    Raises:
        TrainingError: A model has no such layers, or there is no label set that all answer in.
    """
    import keras

    seen = _output_of(student, _JITTER, "a student")
    names = [name for name in student.output_names if all(name in one.output_names for one in teachers)]
    if not names:
        raise TrainingError("the teachers and the student share no label set")
    answers = []
    for number, teacher in enumerate(teachers):
        standard = _output_of(teacher, (_STANDARD,), "a teacher")
        inside = keras.Model(standard, {name: teacher.output[name] for name in names}, name=f"teacher_{number}")
        inside.trainable = False
        answers.append(inside(seen, training=False))
    outputs = dict(student.output)
    for name in names:
        lesson = _lesson()(share, name=f"{name}_taught")
        outputs[name] = lesson([outputs[name], *(answer[name] for answer in answers)])
    return keras.Model(student.inputs, outputs, name="taught"), names


def _output_of(model, classes: tuple[str, ...], who: str):
    for wanted in classes:
        for layer in model.layers:
            if type(layer).__name__ == wanted:
                return layer.output
    raise TrainingError(f"{who} of the recipe {model.name!r} does not read pictures in the way that teaching needs")


def _lesson():
    import keras
    from keras import ops

    class Lesson(keras.layers.Layer):
        """Passes the first of several logits (n, k) on and adds to the loss how far it is from the others' mean."""

        def __init__(self, share: float, **kwargs):
            super().__init__(**{"dtype": "float32"} | kwargs)
            self.share = share

        def call(self, logits, training=False):
            own, *others = logits
            if training:
                wanted = ops.stop_gradient(sum(ops.softmax(each) for each in others) / len(others))
                divergence = ops.sum(wanted * (ops.log(wanted + 1e-7) - ops.log_softmax(own)), axis=-1)
                self.add_loss(self.share * ops.mean(divergence))
            return own

    return Lesson
