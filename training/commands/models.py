"""Commands about installed models: `models`, `export`, `adopt`, `ensemble` and `reproduce`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cards import Card
from core.inference.installed import installed, set_default
from core.model_store import folder_of
from core.runtime import paths
from training.commands.options import DatasetOption, set_up_tensorflow, this_command

_DataOption = Annotated[
    Path | None, typer.Option("--data", help="Dataset file that `import` wrote; its public-test is used.")
]


def models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of models; all installed ones by default.", show_default=False)
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Markdown file to write the table into.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole cards as JSON, by name.")] = False,
    cards: Annotated[bool, typer.Option("--cards", help="Rewrite the README.md of these model folders.")] = False,
    default: Annotated[str | None, typer.Option(help="Make this model the default one.")] = None,
) -> None:
    """List the installed models with their figures as a Markdown table, the default model first.

    `--write FILE` puts the table between the lines <!-- models:start --> and <!-- models:end --> of a Markdown file.
    """
    from training.publish import model_card
    from training.publish.results_page import models_table, write_between

    if default:
        set_default(default)
    found = installed()
    for name in names or ():
        Card.load(folder_of(name))  # says what is wrong with one that cannot be used
    found = {name: card for name, card in found.items() if not names or name in names}
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
        Path | None, typer.Option(help="Folder of the run whose best weights to take, for a model that keeps none.")
    ] = None,
    data: _DataOption = None,
) -> None:
    """Export an installed model as one file for use elsewhere, and check that the file answers as the model does.

    litert-float16: half of the size, as Mien uses it. litert-int8: a quarter of the size. onnx: in float32 for ONNX
    Runtime and others; needs the packages tf2onnx, onnx and onnxruntime. keras: in float32, for more training; call
    `core.recipes.register_layers()` before `keras.saving.load_model`.

    File and model are compared on 512 faces of public-test with --data, else on made-up pictures; a file that is too
    far off is not written. NAME.labels.json beside the file holds the order of the labels and the temperature. The file
    takes the feature as it is (such as grey 48x48 pixels from 0 to 255) and gives logits: divide them by the
    temperature and apply softmax.

    Example: python -m training export quick --format onnx --out quick.onnx --data data/fer2013.parquet
    """
    set_up_tensorflow()
    from training.export.file import export_installed

    export_installed(folder_of(model), kind, out, run=run, dataset=data, say=typer.echo)


def adopt(
    file: Annotated[Path, typer.Argument(help="A file with a whole model: .keras, .h5, .onnx or .tflite.")],
    labels: Annotated[
        str, typer.Option(help="The model's labels in order, separated by commas; - for one that is to be left out.")
    ],
    given: Annotated[
        str,
        typer.Option(
            "--input",
            help='The model\'s input, such as "48x48 grey 0..1", "224x224 rgb -1..1", "64x64 bgr 0..255" '
            'or "224x224 rgb 0..1 mean 0.485,0.456,0.406 std 0.229,0.224,0.225".',
        ),
    ],
    name: Annotated[str, typer.Option(help="Name to install the model under.")],
    data: _DataOption = None,
    quantize: Annotated[
        str, typer.Option(help="Numbers that a Keras file is served with: float16, or int8 at half of its size.")
    ] = "float16",
) -> None:
    """Install a model from elsewhere, so that it can be evaluated, compared and used like any other.

    What is installed scales, resizes and repeats the picture to three channels itself, and puts its answers into Mien's
    order; it never answers an expression that is not among its labels. With --data it is calibrated and measured on
    public-test.

    Files of Keras 2 and 3 are exported to LiteRT; one with Lambda layers or classes of its own is refused, because
    these hold code. ONNX and TFLite files are run as they are: ONNX by ONNX Runtime (`pip install onnxruntime`).
    Whether channels come first, and whether the answers are probabilities or logits, is found out.

    --input gives height x width, the colours in the model's order, and the numbers for black and white; then, where the
    model needs them, the mean that is taken off and the deviation (std) that is divided by: one number for all
    channels, or one for each.

    Example: python -m training adopt model.h5 --labels angry,disgust,fear,happy,neutral,sad,surprise
    --input "48x48 grey 0..1" --name tutorial --data data/fer2013.parquet

    Example: python -m training adopt theirs.onnx --labels neutral,happy,surprise,sad,angry,disgust,fear,-
    --input "64x64 grey 0..255" --name theirs
    """
    set_up_tensorflow()
    from training.workflows.adopt import adopt as run_adoption

    run_adoption(
        file,
        paths.model_folders()[0] / name,
        labels=labels,
        given=given,
        dataset=data,
        quantize=quantize,
        command=this_command(),
        say=typer.echo,
    )


def ensemble(
    members: Annotated[list[str], typer.Argument(help="Names of installed models, two or more.")],
    data: DatasetOption,
    name: Annotated[str, typer.Option(help="Name to install the ensemble under.")] = "ensemble",
) -> None:
    """Combine several models into one, in which each counts with the weight that is best on public-test.

    If a member finds no mesh, the others answer alone. The ensemble keeps copies of its members' files.

    Example: python -m training ensemble embedding-mlp mesh-svm --data data/fer2013.parquet
    """
    from training.workflows.ensemble import make_ensemble

    make_ensemble(
        members,
        data,
        paths.model_folders()[0] / name,
        command=this_command(),
        say=typer.echo,
    )


def reproduce(
    model: Annotated[str, typer.Argument(help="flagship, flagship-tiny or ensemble.")],
    data: DatasetOption,
) -> None:
    """Train a shipped model again from the dataset: its teachers first, with the seeds that were used for it.

    Every step is a command that is printed first and can be run by itself. After an interruption the same command
    continues; what is finished is left out. It takes three to four hours on two cores.

    Example: python -m training reproduce flagship --data data/fer2013.parquet
    """
    from training.workflows.reproduce import reproduce as run_reproduction

    run_reproduction(model, data, say=typer.echo)
