"""Scikit-learn pipelines in skops' form, which holds no code: nothing in it is run but types that are named here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ..errors import ModelError

_SLOPE = 2.0
"""At the edge of its margin, 1, an example is taken to be of that class with 88 %. The answers are given a temperature
afterwards, so that this says only how much a wide margin counts beside a narrow one."""


def couple(margins: np.ndarray, classes: int) -> np.ndarray:
    """Probabilities of classes from the margins between any two, by the second method of Wu, Lin and Weng (2004).

    Counting won pairs gives the same label nearly always, but jumps where a pair is even, and says little of how sure
    it is.

    Args:
        margins: (n, classes * (classes - 1) / 2), those of the first class with the second, with the third and so on;
            above 0 where the first of the two wins.
        classes: How many there are.

    Returns:
        Float64 (n, classes), summing to 1.

    Raises:
        ValueError: there are not as many margins as pairs.

    Examples:
        >>> couple(np.array([[1.0, 3.0, 0.0]]), 3).round(2).tolist()
        [[0.88, 0.1, 0.02]]
    """
    first, second = np.triu_indices(classes, 1)
    if margins.ndim != 2 or margins.shape[1] != len(first):
        raise ValueError(f"{margins.shape[1:]} decision values for {len(first)} pairs of classes")
    wins = np.zeros((len(margins), classes, classes))
    wins[:, first, second] = 1 / (1 + np.exp(-_SLOPE * margins))
    wins[:, second, first] = 1 - wins[:, first, second]
    losses = wins.transpose(0, 2, 1)
    # The least sum over pairs of (losses * p - wins * p')^2 where the p sum to 1: a linear system with a multiplier.
    system = np.zeros((len(margins), classes + 1, classes + 1))
    system[:, :classes, :classes] = -losses * wins
    system[:, range(classes), range(classes)] = (losses**2).sum(axis=2)
    system[:, classes, :classes] = system[:, :classes, classes] = 1
    right = np.zeros((classes + 1, 1))
    right[classes] = 1
    return np.linalg.solve(system, right)[:, :classes, 0]


TRUSTED = ("sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration")
"""Types that may be loaded besides those that skops trusts by itself. Trees are not among them: scikit-learn does not
check what a tree's nodes point to, so that a made-up tree reads foreign memory."""

_ANSWERS = ("predict_proba", "decision_function")
_LARGEST = 512 * 2**20  # bytes, unpacked
_FLOOR = 1e-7  # a probability of zero has no logarithm


class ScikitRunner:
    """A fitted pipeline that takes each example as one row of numbers; see `Runner`.

    One without `predict_proba`, such as a support vector machine, must give the margins between any two classes.
    """

    def __init__(self, pipeline, label_set: str):
        self.pipeline, self._label_set = pipeline, label_set
        self._numbers = int(pipeline.n_features_in_)
        self.takes = f"{self._numbers} numbers"
        self.answers = {label_set: len(pipeline.classes_)}

    def fits(self, example: np.ndarray) -> bool:
        return example.size == self._numbers

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        rows = batch.reshape(len(batch), -1)
        if hasattr(self.pipeline, "predict_proba"):
            probabilities = self.pipeline.predict_proba(rows)
        else:
            probabilities = couple(self.pipeline.decision_function(rows), self.answers[self._label_set])
        return {self._label_set: np.log(np.maximum(probabilities, _FLOOR)).astype(np.float32)}


def open_scikit(path: Path, content: bytes, outputs: Mapping[str, int], threads: int) -> Callable[[], ScikitRunner]:
    """Load a pipeline; it is shared by all threads, since scikit-learn predicts without changing it.

    Its classes must be the indices 0, 1, … of the labels, all of them and in order.

    Raises:
        ModelError: the file holds a type that is not trusted, or no such pipeline.
    """
    if len(outputs) != 1:
        raise ModelError(f"{path}: a scikit-learn model answers in one label set, and its card names {len(outputs)}")
    ((label_set, labels),) = outputs.items()
    pipeline = _load(path, content)
    classes = getattr(pipeline, "classes_", None)
    if not any(hasattr(pipeline, name) for name in _ANSWERS) or not hasattr(pipeline, "n_features_in_"):
        raise ModelError(
            f"{path}: not a fitted scikit-learn pipeline with {' or '.join(_ANSWERS)}; restore or delete the folder"
        )
    if not np.array_equal(classes, np.arange(labels)):
        raise ModelError(f"{path}: its classes are not 0 to {labels - 1}, the labels of {label_set!r} in order")
    runner = ScikitRunner(pipeline, label_set)
    return lambda: runner


def _load(path: Path, content: bytes):
    try:
        import skops.io
    except ModuleNotFoundError:  # the package leaves it to those who ask for its extra "scikit"
        raise ModelError(f"{path}: needs scikit-learn and skops, run `pip install scikit-learn skops`") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise ModelError(f"{path}: more than {_LARGEST >> 20} MB when unpacked; restore or delete the folder")
        foreign = sorted(set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED))
        if foreign:
            raise ModelError(f"{path}: holds {', '.join(foreign)}, which is not loaded from a file; delete the folder")
        return skops.io.loads(content, trusted=list(TRUSTED))
    except ModelError:
        raise
    except Exception as error:  # a file that is not skops' fails in any of a hundred places inside it
        raise ModelError(f"{path}: skops cannot load it ({error}); restore or delete the folder") from None
