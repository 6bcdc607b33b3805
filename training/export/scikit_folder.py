"""A fitted scikit-learn pipeline -> a model folder that the engine serves, in skops' form, which holds no code."""

from __future__ import annotations

import copy
import zipfile
from pathlib import Path

import numpy as np

from core.cards import Card
from core.inference.scikit import ScikitRunner, open_scikit
from training.errors import TrainingError
from training.export.parity import EXACT, check, measure
from training.export.staging import write_folder

MODEL_FILE = "model.skops"
_EXAMPLES = 512
_FINENESSES = (2**-15, 2**-17, 2**-19)  # of the kernel's width, 1 / sqrt(gamma); the first that is fine enough


def export_scikit(model: ScikitRunner, features: np.ndarray, card: Card, out: Path, quantize: str = "float16") -> Card:
    """Write a model folder with skops; it appears under its name only when it is whole.

    Support vectors are rounded to a small part of the kernel's width, and the file packs to half. Float16 would be too
    coarse: an answer is the sum over thousands of them, and probabilities were off by up to 2 %.

    Args:
        model: What `training.fit.scikit_fit` gives.
        features: Some inputs (n, ...); on the first 512 the exported file must answer as the model does.
        card: Without files and known answer; they are filled in.
        out: The folder; one that stands there is replaced.
        quantize: "float16", what is usual; the numbers are as fine as the answers need them.

    Raises:
        TrainingError: the exported file answers otherwise than the model, or `quantize` is something else.
    """
    if quantize != "float16":
        raise TrainingError(f"--quantize {quantize}: is for networks, and this is none")

    def fill(folder: Path) -> tuple[list[str], dict]:
        path = folder / MODEL_FILE
        labels = {name: len(output.labels) for name, output in card.outputs.items()}
        expected = model(features[:_EXAMPLES])
        for fineness in _FINENESSES:
            write_skops(_rounded(model.pipeline, fineness), path)
            parity = measure(expected, open_scikit(path, path.read_bytes(), labels, 1)()(features[:_EXAMPLES]))
            if parity.apart <= EXACT.apart:
                break
        check(parity, EXACT)
        return [MODEL_FILE], {"parity": parity.facts()}

    return write_folder(card, out, fill)


def write_skops(pipeline, path: Path) -> None:
    """Write a fitted pipeline in skops' form, packed by bzip2, which finds what rounded numbers have in common."""
    import skops.io

    skops.io.dump(pipeline, path, compression=zipfile.ZIP_BZIP2)


def _rounded(pipeline, fineness: float):
    rounded = copy.deepcopy(pipeline)
    for _, step in rounded.steps:
        if hasattr(step, "support_vectors_"):
            unit = 2.0 ** np.floor(np.log2(fineness / np.sqrt(step._gamma)))
            step.support_vectors_ = np.round(step.support_vectors_ / unit) * unit
    return rounded
