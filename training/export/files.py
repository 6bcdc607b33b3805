"""An installed model or a run -> one file in one of the formats."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from training.errors import TrainingError
from training.export.keras import logits, run_keras, write_keras
from training.export.litert import run_litert, write_litert
from training.export.onnx import require_onnx, run_onnx, write_onnx
from training.export.parity import EXACT, FLOAT16, INT8, Parity, Tolerance, check, measure


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes:
        suffix: Of the file's name.
        write: From a `keras.Model`, the file's path and the model's card.
        run: From the path and features to logits by label set.
        tolerance: How far its answers may be off the model's.
        require: Raises a TrainingError where a package is missing.
    """

    suffix: str
    write: Callable[[Any, Path, Card], None]
    run: Callable[[Path, np.ndarray], dict[str, np.ndarray]]
    tolerance: Tolerance
    require: Callable[[], None] = lambda: None


FORMATS: Mapping[str, Format] = {
    "litert-float16": Format(
        ".tflite", lambda model, path, card: write_litert(model, path, "float16"), run_litert, FLOAT16
    ),
    "litert-int8": Format(".tflite", lambda model, path, card: write_litert(model, path, "int8"), run_litert, INT8),
    "onnx": Format(".onnx", lambda model, path, card: write_onnx(model, path, card), run_onnx, EXACT, require_onnx),
    "keras": Format(".keras", lambda model, path, card: write_keras(model, path), run_keras, EXACT),
}


def export_file(model, card: Card, kind: str, out: Path, features: np.ndarray) -> Parity:
    """Write a model as one file; it appears only when it is whole and answers as the model does.

    Args:
        model: A `keras.Model` from the card's feature to logits by label set.
        card: Names the labels of each output, in order.
        kind: One of `FORMATS`.
        out: The file to write.
        features: (n, ...) on which file and model must agree.

    Raises:
        TrainingError: the format is unknown or needs a package that is missing, `out` has another suffix or cannot be
            written, or the file does not answer as the model does.
    """
    form = known_format(kind, out)
    for name, values in (expected := logits(model, features)).items():
        if values.shape[1] != len(card.outputs[name].labels):
            raise TrainingError(f"the model gives {values.shape[1]} answers in {name!r}, its card names other labels")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent, ignore_cleanup_errors=True) as staging:
            partial = Path(staging) / f"model{form.suffix}"
            form.write(model, partial, card)
            parity = measure(expected, form.run(partial, features))
            check(parity, form.tolerance)
            partial.replace(out)
    except OSError as error:
        raise TrainingError(f"--out {out}: cannot be written ({error.strerror or error}); choose another") from None
    return parity


def known_format(kind: str, out: Path) -> Format:
    """The format of that name, if `out` has its suffix and its packages are there.

    Raises:
        TrainingError: they are not.
    """
    if kind not in FORMATS:
        raise TrainingError(f"--format {kind}: unknown; give one of {', '.join(FORMATS)}")
    form = FORMATS[kind]
    if out.suffix != form.suffix:
        raise TrainingError(f"--out {out}: a file of the format {kind} ends in {form.suffix}")
    form.require()
    return form
