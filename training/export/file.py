"""An installed model or a run -> one file in one of the formats of `FORMATS`."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from core.features import FEATURES
from core.inference.artifact import MODEL_FILE
from core.model_store import read_verified
from core.recipes import UnknownRecipeError, get_recipe
from core.runtime.files import write_whole
from training.datasets import Dataset
from training.errors import TrainingError
from training.export.folders import WEIGHTS_FILE
from training.export.formats import (
    convert_to_onnx,
    logits,
    require_onnx,
    run_keras,
    run_litert,
    run_onnx,
    write_keras,
    write_litert,
    write_onnx,
)
from training.export.parity import CONVERTED, EXACT, FLOAT16, INT8, Parity, Tolerance, check, measure, stand_in
from training.features.cached import compute
from training.runs.folder import best_of, load_weights
from training.settings import check_settings


@dataclass(frozen=True)
class Format:
    """A file format for networks.

    Attributes:
        suffix: Suffix of the file's name.
        write: Function that writes a `keras.Model` to a path, given the model's card too.
        run: Function from a path and features to logits by label set.
        tolerance: How far the file's answers may differ from the model's.
        require: Function that raises a TrainingError if a package is missing.
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
        card: The model's card, with the labels of each output in order.
        kind: Name of the format, a key of `FORMATS`.
        out: The file to write.
        features: (n, ...), inputs on which file and model must agree.

    Raises:
        TrainingError: The format is unknown or needs a package that is missing, `out` has another suffix or cannot be
            written, or the file does not answer as the model does.
    """
    form = known_format(kind, out)
    for name, values in (expected := logits(model, features)).items():
        if values.shape[1] != len(card.outputs[name].labels):
            raise TrainingError(f"the model gives {values.shape[1]} answers in {name!r}, its card names other labels")
    return _write(form, out, lambda path: form.write(model, path, card), expected, features, form.tolerance)


def convert_file(folder: Path, card: Card, kind: str, out: Path, features: np.ndarray) -> Parity:
    """Write the model file of a folder that keeps no weights as another file, as far as that is possible without them.

    Args:
        folder: The model folder.
        card: Card of the model in that folder.
        kind: Name of the format, a key of `FORMATS`.
        out: The file to write.
        features: (n, ...), inputs on which both files must agree.

    Raises:
        ModelError: The model file is not the one that the card names.
        TrainingError: The format needs the weights, or `out` cannot be written, or the files do not agree.
    """
    form, weights = known_format(kind, out), card.data.get("weights")
    if kind not in ("onnx", f"litert-{weights}"):
        raise TrainingError(
            f"{folder} keeps no {WEIGHTS_FILE}, which {kind} is made of: give the run that the model came from, --run "
            f"runs/{card.name}, or give --format onnx or litert-{weights}, which need none"
        )
    with tempfile.TemporaryDirectory() as scratch:  # so that exactly the bytes that were verified are read
        kept = Path(scratch) / MODEL_FILE
        kept.write_bytes(read_verified(folder, card, MODEL_FILE))

        def write(path: Path) -> None:
            if kind == "onnx":
                convert_to_onnx(kept, path, card)
            else:
                shutil.copyfile(kept, path)

        return _write(form, out, write, run_litert(kept, features), features, CONVERTED)


def _write(
    form: Format,
    out: Path,
    write: Callable[[Path], None],
    expected: Mapping[str, np.ndarray],
    features: np.ndarray,
    tolerance: Tolerance,
) -> Parity:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent, ignore_cleanup_errors=True) as staging:
            partial = Path(staging) / f"model{form.suffix}"  # TensorFlow and Keras want the suffix
            write(partial)
            parity = measure(expected, form.run(partial, features))
            check(parity, tolerance)
            partial.replace(out)
    except OSError as error:
        raise TrainingError(f"--out {out}: cannot be written ({error.strerror or error}); choose another") from None
    return parity


def known_format(kind: str, out: Path) -> Format:
    """Find a format by its name, and check that `out` has its suffix and that its packages are installed.

    Raises:
        TrainingError: The format is unknown, the suffix is another one, or a package is missing.
    """
    if kind not in FORMATS:
        raise TrainingError(f"--format {kind}: unknown; give one of {', '.join(FORMATS)}")
    form = FORMATS[kind]
    if out.suffix != form.suffix:
        raise TrainingError(f"--out {out}: a file of the format {kind} ends in {form.suffix}")
    form.require()
    return form


def rebuild(folder: Path, run: Path | None = None):
    """Build the `keras.Model` of a model folder, with the weights kept there or, if given, those of a run.

    Raises:
        ModelError: A file of the folder is not the one that its card names.
        TrainingError: There are no weights, they are another model's, or this version has no such recipe.
    """
    card = Card.load(folder)
    model = _build(card)
    if run is not None:
        load_weights(model, best_of(run))
    elif WEIGHTS_FILE in card.files:
        with tempfile.TemporaryDirectory() as scratch:  # so that exactly the bytes that were verified are read
            path = Path(scratch) / WEIGHTS_FILE
            path.write_bytes(read_verified(folder, card, WEIGHTS_FILE))
            load_weights(model, path)
    else:
        raise TrainingError(f"{folder} keeps no {WEIGHTS_FILE}; give the run that it came from, --run runs/{card.name}")
    return model


def _build(card: Card):
    try:
        recipe = get_recipe(card.recipe)
        settings = recipe.settings(**card.settings)
        check_settings(settings)  # a card from elsewhere may ask for a network of any size
    except UnknownRecipeError:
        raise TrainingError(
            f"model {card.name!r} is of the recipe {card.recipe!r}, which this version cannot build; export an adopted "
            "model from the file that it came from"
        ) from None
    except (TypeError, ValueError, TrainingError) as error:
        raise TrainingError(
            f"the card of {card.name!r} has settings that this version does not know ({error!s:.200})"
        ) from None
    if recipe.trainer != "keras":
        raise TrainingError(
            f"model {card.name!r} is no network, so there is nothing to export but its model file in models/{card.name}"
        )
    return recipe.build(settings)


_EXAMPLES = 512


def export_installed(
    folder: Path,
    kind: str,
    out: Path,
    *,
    run: Path | None = None,
    dataset: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Write the model of a folder as one file and, beside it, `NAME.labels.json`.

    Args:
        folder: Folder of an installed model.
        kind: Name of the format, a key of `FORMATS`.
        out: The file to write.
        run: Folder of the run to take the best weights from, if the model folder keeps none.
        dataset: File that `training import` wrote: model and file are compared on 512 faces of its PublicTest instead
            of on made-up ones.
        say: Function that takes lines about what was written and how far its answers differ.

    Raises:
        ModelError: The model folder is damaged.
        TrainingError: The model cannot be rebuilt (see `rebuild`) or written (see `export_file` and `convert_file`).
        DatasetError: The dataset cannot be used.
    """
    known_format(kind, out)
    card = Card.load(folder)
    feature = FEATURES[card.feature["name"]]
    if dataset:
        rows = Dataset.load(dataset, ("public-test",))
        features, _ = compute(feature, rows[rows.found][:_EXAMPLES])
    else:
        features = stand_in(feature)
    if run is None and MODEL_FILE in card.files and WEIGHTS_FILE not in card.files:
        parity = convert_file(folder, card, kind, out, features)
    else:
        parity = export_file(rebuild(folder, run), card, kind, out, features)
    note = out.with_name(f"{out.stem}.labels.json")
    try:
        write_whole(note, json.dumps(_note(card), indent=2) + "\n")
    except OSError as error:
        raise TrainingError(f"{note}: cannot be written ({error.strerror or error}); choose another --out") from None
    say(f"{out}: {out.stat().st_size / 1e6:.1f} MB; {parity}{'' if dataset else ' (made-up ones; give --data)'}")
    say(f"takes {feature.dtype} {(None, *feature.shape)}: the feature {feature.name!r}")
    for name, output in card.outputs.items():
        say(f"gives logits {name!r} of {', '.join(output.labels)}; temperature {output.temperature:g}")


def _note(card: Card) -> dict:
    return {
        "model": card.name,
        "feature": dict(card.feature),
        "outputs": {
            name: {"labels": list(output.labels), "temperature": output.temperature}
            for name, output in card.outputs.items()
        },
    }
