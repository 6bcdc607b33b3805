"""Scikit-learn pipelines in skops' format, which holds no code: only types that skops or `TRUSTED` names are loaded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ..errors import ModelError

# At the edge of its margin, 1, an example counts as being of that class with 88%. The answers are given a temperature
# afterwards, so this only says how much a wide margin counts beside a narrow one.
_SLOPE = 2.0


def couple(margins: np.ndarray, classes: int) -> np.ndarray:
    """Probabilities of classes from the margins between any two, by the second method of Wu, Lin and Weng (2004).

    Counting the pairs that a class wins nearly always gives the same label, but it jumps where a pair is even, and
    says little about how sure the answer is.

    Args:
        margins: (n, classes * (classes - 1) / 2): the margins between the first class and the second, the first and
            the third, and so on; above 0 where the first of the two wins.
        classes: Number of classes.

    Returns:
        Float64 (n, classes), summing to 1.

    Raises:
        ValueError: The number of margins is not the number of pairs.

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
"""Types that may be loaded besides those that skops trusts by itself.

Trees are not among them: scikit-learn does not check where a tree's nodes point, so a forged tree reads foreign memory.
"""

_ANSWERS = ("predict_proba", "decision_function")
_LARGEST = 512 * 2**20  # bytes of an unpacked file
_FLOOR = 1e-7  # a probability of zero has no logarithm


class ScikitRunner:
    """A fitted pipeline that takes each example as one row of numbers; see `Runner`.

    Args:
        pipeline: Fitted `sklearn.pipeline.Pipeline`. One without `predict_proba`, such as a support vector machine,
            must give the margins between any two classes as its `decision_function`.
        label_set: Name of the label set that it answers in.
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
    """Load a pipeline, which all threads share: scikit-learn predicts without changing it.

    Args:
        path: Path of the `.skops` file, for messages.
        content: Content of the file. The classes of its pipeline must be the indices 0, 1, … of the labels, all of
            them and in order.
        outputs: Number of labels of the one label set.
        threads: Number of cores that one prediction may use; not used, scikit-learn decides that itself.

    Raises:
        ModelError: The file holds a type that is not trusted, or no such pipeline, or skops is not installed.
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
    except Exception as error:  # a damaged file fails in any of a hundred places inside skops
        raise ModelError(f"{path}: skops cannot load it ({error}); restore or delete the folder") from None
