"""Commands that measure models: `evaluate`, `compare`, `subtle`, `robustness` and `robustness-chart`."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from core.cards import Card
from core.inference.artifact import Artifact
from core.inference.installed import installed
from core.model_store import folder_of
from training.commands.options import DatasetOption, FormatOption, SplitOption, bar, check_split, table_in
from training.datasets import dataset_hash
from training.errors import TrainingError


def evaluate(
    model: Annotated[str, typer.Argument(help="Name of an installed model.")],
    data: DatasetOption,
    split: SplitOption = "public-test",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole Report as JSON, one line for each label set.")
    ] = False,
    final: Annotated[
        bool,
        typer.Option(
            help="Write the figures into the model's card and, for private-test, into docs/ledger.csv and docs/reports."
        ),
    ] = False,
    curves: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json",
            help="Write what the Evaluation page draws: curves (ROC, precision-recall), calibration and all answers.",
        ),
    ] = None,
    publish: Annotated[
        bool,
        typer.Option(
            help="For public-test: write the answers to docs/predictions too, from which the Evaluation page opens at "
            "once."
        ),
    ] = False,
) -> None:
    """Measure an installed model on a split, with every image counted.

    A face that is not found counts as an error. The report tells how many images are in another split too, and gives
    the accuracy without those of Training beside the accuracy on all. Predictions are stored under runs/predictions and
    not computed twice.

    private-test is for the one figure at the end: a model without a line in the ledger is measured there only with
    --final. Repeating the command changes nothing in the ledger.

    Example: python -m training evaluate quick --data data/fer2013.parquet --split private-test --final
    """
    from training.evaluation.analysis import analyse, save_analyses
    from training.evaluation.ledger import record, require_line
    from training.evaluation.measurement import measure
    from training.evaluation.predictions import predict
    from training.evaluation.predictions import publish as publish_answers
    from training.evaluation.report import summary
    from training.publish import model_card

    check_split(split)
    if publish and split != "public-test":
        raise TrainingError("--publish: single answers to other splits are not given away; give --split public-test")
    folder = folder_of(model)
    if curves:
        save_analyses(analyse(Artifact(folder, threads=os.cpu_count() or 1), data, split), curves)
    if not final:
        require_line(Card.load(folder), dataset_hash(data), split)
    measurement = measure(folder, data, split)
    if publish:
        artifact = Artifact(folder, threads=os.cpu_count() or 1)
        publish_answers(artifact.card, measurement.dataset, split, predict(artifact, data, split).y_prob)
    if final:
        if split == "private-test":
            record(measurement.card, measurement.report, measurement.dataset)  # before anybody sees the figures
            measurement.save()
        measurement.card.save(folder)
        model_card.write(folder)
    for report in (measurement.report, *measurement.other_reports):
        typer.echo(json.dumps(report.as_dict()) if as_json else summary(model, report))


def compare(
    models: Annotated[list[str] | None, typer.Argument(help="Names of models; all installed ones by default.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Dataset file that `import` wrote; not needed for private-test.")
    ] = None,
    split: SplitOption = "public-test",
    form: FormatOption = "text",
    write: Annotated[
        Path | None,
        typer.Option(help="For private-test: write the page of results, such as docs/results.md, and its chart."),
    ] = None,
) -> None:
    """Compare models: figures, size, speed, and whether their differences are more than chance.

    A p-value for every two models is that of McNemar's paired test on the same images (exact, two-sided). "ms a face"
    is the median processor time of one answer on one thread, by the model alone, measured in this run.

    On private-test no model is run: the figures are those that `evaluate --final` wrote to docs/reports, of models that
    are no longer installed too. --write makes docs/results.md of them and of what `robustness` and `subtle` wrote to
    docs/robustness and docs/subtle, with a chart beside it.

    Examples:

    python -m training compare --data data/fer2013.parquet

    python -m training compare --split private-test --write docs/results.md
    """
    from training.evaluation import robustness, subtle
    from training.evaluation.compare import as_json, as_text, ranked
    from training.publish.results_page import write_results

    check_split(split)
    if write and split != "private-test":
        raise TrainingError("--write: the page of results is about private-test; give --split private-test too")
    measurements = ranked(_final(models) if split == "private-test" else _measured(models, data, split))
    if write:
        write_results(measurements, robustness.stored(), write, subtle.stored())
        typer.echo(f"the results of {len(measurements)} model(s) written to {write}")
    elif form == "json":
        typer.echo(as_json(measurements))
    else:
        typer.echo(as_text(measurements, table_in(form)))


def subtle(
    models: Annotated[list[str], typer.Argument(help="Names of installed models.", show_default=False)],
    data: DatasetOption,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write NAME.json with the figures of each model to, such as docs/subtle."),
    ] = None,
) -> None:
    """Measure how models read subtle expressions: faces whose FER+ votes are split between neutral and one other.

    "seen" is the share of these faces that a model reads as the other expression; "alarms" is the share of neutral
    faces that it reads as anything but neutral. Some changes, such as a flat prior, raise both alike; "separation"
    shows whether a model tells the two kinds of faces apart. The images are those of public-test without copies.

    Example: python -m training subtle quick mesh-svm --data data/fer2013.parquet
    """
    from training.evaluation.subtle import measure_subtle, table

    artifacts = [Artifact(folder_of(name), threads=os.cpu_count() or 1) for name in models]
    measured = [measure_subtle(artifact, data) for artifact in artifacts]
    if out:
        for one in measured:
            one.save(out)
    typer.echo(table(measured))


def _measured(names: list[str] | None, data: Path | None, split: str) -> list:
    from training.evaluation.measurement import measure

    if data is None:
        raise TrainingError(f"--data: missing; give the dataset file to measure on ({split})")
    folders = [folder_of(name) for name in names or installed()]
    if not folders:
        raise TrainingError("no model is installed; train one with `python -m training train quick`")
    return [measure(folder, data, split) for folder in folders]


def _final(names: list[str] | None) -> list:
    from training.evaluation.measurement import stored

    found = {one.card.name: one for one in stored()}
    for name in names or ():
        if name not in found:
            raise TrainingError(
                f"{name!r} has not been measured on private-test; when it is finished, run "
                f"`python -m training evaluate {name} --data D --split private-test --final`"
            )
    if not found:
        raise TrainingError("docs/reports is empty; run `evaluate MODEL --split private-test --final` first")
    for name, card in installed().items():
        if not names and (name not in found or found[name].card.files != card.files):
            typer.echo(f"{name}: the installed model has not been measured on private-test", err=True)
    return [found[name] for name in names or found]


def robustness(
    models: Annotated[list[str], typer.Argument(help="Names of installed models.")],
    data: DatasetOption,
    split: SplitOption = "public-test",
    images: Annotated[int, typer.Option(min=1, help="Number of images to take from the split.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed takes the same images and corrupts them alike.")] = 0,
    form: FormatOption = "text",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write NAME.json with the figures of each model to, such as docs/robustness."),
    ] = None,
) -> None:
    """Measure how accuracy falls when faces are turned, moved, noisy, blurred, compressed, dark or half hidden.

    There are twelve corruptions with five strengths each; strength 0 is the image as it is. The images are not in
    Training. The same seed gives every model the same pictures. A thousand images take a few minutes, and some more
    for the first model that needs their meshes, which are then stored beside the dataset.

    Example: python -m training robustness quick cnn --data data/fer2013.parquet --out docs/robustness
    """
    from training.evaluation.robustness import robustness as run_robustness

    check_split(split)
    for folder in [folder_of(model) for model in models]:
        each = partial(bar, desc=folder.name, unit="corruptions", leave=True)
        found = run_robustness(folder, data, split, images=images, seed=seed, each=each)
        if out:
            found.save(out)
        typer.echo(found.as_json() if form == "json" else f"{found.model}\n\n{found.table(table_in(form))}\n")


def robustness_chart(
    out: Annotated[Path, typer.Option(help="The SVG file to write.")],
    folder: Annotated[Path, typer.Argument(help="Folder that `robustness --out` wrote to.")] = Path("docs/robustness"),
) -> None:
    """Draw a chart of the robustness of all models in a folder: a panel for each corruption, a line for each model.

    Example: python -m training robustness-chart --out docs/robustness.svg
    """
    from training.evaluation.robustness import stored
    from training.publish.robustness import save_chart

    if out.suffix != ".svg":
        raise TrainingError(f"{out}: the name must end in .svg")
    if not (found := stored(folder)):
        raise TrainingError(f"{folder}: no figures in it; run `python -m training robustness MODEL... --out {folder}`")
    save_chart(found, out)
    typer.echo(f"the robustness of {len(found)} model(s) drawn in {out}")
