"""An installed model or a run -> one file in one of the formats."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.cards import Card
from core.features import FEATURES
from core.model_store import read_verified
from core.recipes import UnknownRecipeError, get_recipe
from core.runtime.files import replacing
from training.datasets import Dataset
from training.errors import TrainingError
from training.export.formats import (
    logits,
    require_onnx,
    run_keras,
    run_litert,
    run_onnx,
    write_keras,
    write_litert,
    write_onnx,
)
from training.export.keras_folder import WEIGHTS_FILE
from training.export.parity import EXACT, FLOAT16, INT8, Parity, Tolerance, check, measure, stand_in
from training.features.cached import compute
from training.runs.folder import best_of, load_weights
from training.settings import check_settings


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


def rebuild(folder: Path, run: Path | None = None):
    """The `keras.Model` of a model folder, with the weights kept there or, where given, those of a run.

    Raises:
        ModelError: a file of the folder is not the one that its card names.
        TrainingError: there are no weights, or they are another model's, or the recipe is not of this version.
    """
    card = Card.load(folder)
    model = _build(card)
    if run is not None:
        load_weights(model, best_of(run))
    elif WEIGHTS_FILE in card.files:
        with tempfile.TemporaryDirectory() as scratch:  # what was verified is what is read
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
            f"model {card.name!r} is of the recipe {card.recipe!r}, which this version cannot build; an adopted model "
            "is exported from the file that it came from"
        ) from None
    except (TypeError, ValueError, TrainingError) as error:
        raise TrainingError(
            f"the card of {card.name!r} has settings that this version does not know ({error!s:.200})"
        ) from None
    if recipe.trainer != "keras":
        raise TrainingError(f"model {card.name!r} is no network; its model file in models/{card.name} is all there is")
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
        folder: Of an installed model.
        kind: One of `FORMATS`.
        out: The file to write.
        run: Folder of the run to take the best weights from, where the model folder keeps none.
        dataset: File that `training import` wrote: model and file are compared on 512 faces of its PublicTest instead
            of on made-up ones.
        say: Takes in words what was written and how far it is off.

    Raises:
        ModelError: the model folder is damaged.
        TrainingError: as `rebuild` and `export_file` raise it.
        DatasetError: the dataset cannot be used.
    """
    known_format(kind, out)
    card = Card.load(folder)
    feature = FEATURES[card.feature["name"]]
    if dataset:
        rows = Dataset.load(dataset, ("public-test",))
        features, _ = compute(feature, rows[rows.found][:_EXAMPLES])
    else:
        features = stand_in(feature)
    parity = export_file(rebuild(folder, run), card, kind, out, features)
    note = out.with_name(f"{out.stem}.labels.json")
    try:
        with replacing(note) as partial:
            partial.write_text(json.dumps(_note(card), indent=2) + "\n", encoding="utf-8")
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
