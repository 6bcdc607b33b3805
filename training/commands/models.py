"""Commands about the models that are installed: list them, hand them on, and take others in."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.inference.installed import installed, set_default
from core.model_store import folder_of
from core.runtime import paths
from training.commands.options import DatasetOption

_DataOption = Annotated[
    Path | None, typer.Option("--data", help="Dataset file that `import` wrote; its PublicTest is what is looked at.")
]


def models(
    write: Annotated[Path | None, typer.Option(help="A Markdown file whose table of models is to be renewed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole cards as JSON, by name.")] = False,
    cards: Annotated[bool, typer.Option("--cards", help="Write the README.md of every model folder anew.")] = False,
    default: Annotated[str | None, typer.Option(help="Make this model the one used where none is named.")] = None,
) -> None:
    """List the installed models with their figures, as a Markdown table; the default model comes first.

    `--write FILE` puts the table between the lines <!-- models:start --> and <!-- models:end --> of a Markdown file.
    """
    from training.publish import model_card
    from training.publish.results_page import models_table, write_between

    if default:
        set_default(default)
    found = installed()
    if cards:
        for name in found:
            model_card.write(folder_of(name))
    if as_json:
        typer.echo(json.dumps({name: asdict(card) for name, card in found.items()}, indent=2))
        return
    table = models_table(found.values())
    if write:
        write_between(write, "models", table)
    elif not cards:
        typer.echo(table)


def export(
    model: Annotated[str, typer.Argument(help="Name of an installed model.")],
    out: Annotated[Path, typer.Option(help="The file to write: .tflite, .onnx or .keras.")],
    kind: Annotated[
        str, typer.Option("--format", help="litert-float16, litert-int8, onnx or keras.")
    ] = "litert-float16",
    run: Annotated[
        Path | None, typer.Option(help="Run to take the best weights from, for a model that keeps none of its own.")
    ] = None,
    data: _DataOption = None,
) -> None:
    """Write an installed model as one file for use elsewhere, and check that the file answers as the model does.

    litert-float16: half of the size, what Mien serves. litert-int8: a quarter of the size. onnx: in float32 for ONNX
    Runtime and others; needs the packages tf2onnx, onnx and onnxruntime. keras: for more training, in float32; call
    `core.recipes.register_layers()` before `keras.saving.load_model`.

    With --data the two are compared on 512 faces of PublicTest, else on made-up pictures; a file that is too far off is
    not written. Beside the file comes NAME.labels.json with the order of the labels and the temperature. The file takes
    the feature as it is (grey 48x48 pixels from 0 to 255, say) and gives logits: divide them by the temperature and
    apply softmax.

    Example: python -m training export quick --format onnx --out quick.onnx --data data/fer2013.parquet
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from training.export.file import export_installed

    export_installed(folder_of(model), kind, out, run=run, dataset=data, say=typer.echo)


def adopt(
    file: Annotated[Path, typer.Argument(help="A .keras or .h5 file that holds a whole model.")],
    labels: Annotated[
        str, typer.Option(help="What it answers, in order, parted by commas; - for what is none of FER2013's seven.")
    ],
    given: Annotated[
        str, typer.Option("--input", help='What it takes: "48x48 grey 0..1", "224x224 rgb -1..1", "64x64 grey 0..255".')
    ],
    name: Annotated[str, typer.Option(help="Name to install it under.")],
    data: _DataOption = None,
    quantize: Annotated[
        str, typer.Option(help="Numbers of the served file: float16, or int8 at half of its size.")
    ] = "float16",
) -> None:
    """Install a Keras model from elsewhere, so that it is evaluated, compared and served like any other.

    The picture is scaled, resized and repeated to three channels inside the installed model, and its answers are put
    into Mien's order; an expression that it does not know it never answers. With --data its confidence is calibrated
    on PublicTest and it is measured there. Files of Keras 2 and 3 are read; one with Lambda layers or classes of its
    own is refused, for those hold code.

    Example: python -m training adopt model.h5 --labels angry,disgust,fear,happy,neutral,sad,surprise
    --input "48x48 grey 0..1" --name tutorial --data data/fer2013.parquet
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from training.workflows.import_keras import adopt as run_adoption

    run_adoption(
        file,
        paths.model_folders()[0] / name,
        labels=labels,
        given=given,
        dataset=data,
        quantize=quantize,
        command=shlex.join(["python", "-m", "training", *sys.argv[1:]]),
        say=typer.echo,
    )


def ensemble(
    members: Annotated[list[str], typer.Argument(help="Names of installed models, two or more.")],
    data: DatasetOption,
    name: Annotated[str, typer.Option(help="Name to install it under.")] = "ensemble",
) -> None:
    """Make one model of several: all are asked, and each counts as much as it helps on PublicTest.

    Where a model finds no mesh, the others answer alone. The ensemble keeps copies of its members' files.

    Example: python -m training ensemble embedding-mlp mesh-svm --data data/fer2013.parquet
    """
    from training.workflows.ensemble import make_ensemble

    make_ensemble(
        members,
        data,
        paths.model_folders()[0] / name,
        command=shlex.join(["python", "-m", "training", *sys.argv[1:]]),
        say=typer.echo,
    )


def reproduce(
    model: Annotated[str, typer.Argument(help="flagship, flagship-tiny or ensemble.")],
    data: DatasetOption,
) -> None:
    """Make a shipped model anew from the dataset: its teachers, then itself, with the seeds it was made with.

    Every step is a command that is printed first and can be given by itself. What is interrupted goes on with the same
    command; what is there already is left out. On two cores it takes three to four hours.

    Example: python -m training reproduce flagship --data data/fer2013.parquet
    """
    from training.workflows import reproduce as reproduction

    reproduction.reproduce(model, data, say=typer.echo)
