"""Commands that measure models."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.cards import Card
from core.inference.artifact import Artifact
from core.inference.installed import installed
from core.model_store import folder_of
from training.commands.options import DatasetOption, Format, FormatOption, SplitOption, check_split, table_in
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
            help="Write what the studio's Evaluation page draws: ROC, precision-recall, calibration before, mistakes.",
        ),
    ] = None,
) -> None:
    """Measure an installed model on a split, every image counted.

    A face that is not found is an error. Images that also stand in another split are counted, and the accuracy without
    those of Training stands beside the other. What the model said is kept under runs/predictions, and not computed
    twice.

    PrivateTest is for the one figure at the end: a model without its line in the ledger is not measured there unless
    --final says that its time has come. Repeating that changes nothing in the ledger.

    Example: python -m training evaluate quick --data data/fer2013.parquet --split private-test --final
    """
    from training.evaluation.analysis import analyse, save_analyses
    from training.evaluation.ledger import record, require_line
    from training.evaluation.measurement import measure
    from training.evaluation.report import summary
    from training.publish import model_card

    check_split(split)
    folder = folder_of(model)
    if curves:
        save_analyses(analyse(Artifact(folder, threads=os.cpu_count() or 1), data, split), curves)
    if not final:
        require_line(Card.load(folder), dataset_hash(data), split)
    measurement = measure(folder, data, split)
    if final:
        if split == "private-test":
            record(measurement.card, measurement.report, measurement.dataset)  # before anybody sees it
            measurement.save()
        measurement.card.save(folder)
        model_card.write(folder)
    for report in (measurement.report, *measurement.other_reports):
        typer.echo(json.dumps(report.as_dict()) if as_json else summary(model, report))


def compare(
    models: Annotated[list[str] | None, typer.Argument(help="Names; all that are installed if none is given.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Dataset file that `import` wrote; private-test needs none.")
    ] = None,
    split: SplitOption = "public-test",
    form: FormatOption = Format.TEXT,
    write: Annotated[
        Path | None,
        typer.Option(help="With private-test: the page of results to write, such as docs/results.md, and its chart."),
    ] = None,
) -> None:
    """Set models side by side: figures, size, speed, and whether the differences are more than luck.

    Between any two models stands the p-value of McNemar's paired test on the same images (exact, two-sided). ms a face
    is the median processor time of one answer on one thread, the model alone, measured in this run.

    On private-test nothing is run: the figures are those that `evaluate --final` has written to docs/reports, also of
    models that are no longer installed. --write makes docs/results.md of them and of what `robustness` has written to
    docs/robustness, with a chart beside it.

    Examples:

    python -m training compare --data data/fer2013.parquet

    python -m training compare --split private-test --write docs/results.md
    """
    from training.evaluation.compare import as_json, as_text, ranked
    from training.evaluation.robustness import stored
    from training.publish.results_page import write_results

    check_split(split)
    if write and split != "private-test":
        raise TrainingError("--write: the page of results shows PrivateTest; give --split private-test too")
    measurements = ranked(_final(models) if split == "private-test" else _measured(models, data, split))
    if write:
        write_results(measurements, stored(), write)
        typer.echo(f"the results of {len(measurements)} model(s) written to {write}")
    elif form is Format.JSON:
        typer.echo(as_json(measurements))
    else:
        typer.echo(as_text(measurements, table_in(form)))


def subtle(
    models: Annotated[list[str], typer.Argument(help="Names of installed models.", show_default=False)],
    data: DatasetOption,
) -> None:
    """Measure what models make of subtle expressions: faces whose FER+ votes are split between neutral and another.

    Seen are those that a model calls by that expression; alarms are neutral faces that it calls anything else. A model
    can have more of both for nothing, as with a flat prior; separation tells them apart. On PublicTest, without copies.

    Example: python -m training subtle quick mesh-svm --data data/fer2013.parquet
    """
    from training.evaluation.subtle import measure_subtle, table

    artifacts = [Artifact(folder_of(name), threads=os.cpu_count() or 1) for name in models]
    typer.echo(table({artifact.card.name: measure_subtle(artifact, data) for artifact in artifacts}))


def _measured(names: list[str] | None, data: Path | None, split: str) -> list:
    from training.evaluation.measurement import measure

    if data is None:
        raise TrainingError(f"--data: missing; name the dataset file whose {split} split is to be used")
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
                f"{name!r} has not been measured on private-test; run `python -m training evaluate {name} --data D "
                "--split private-test --final`, once its time has come"
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
    images: Annotated[int, typer.Option(min=1, help="How many images to take from the split.")] = 1000,
    seed: Annotated[int, typer.Option(help="Which images, and how they are corrupted.")] = 0,
    form: FormatOption = Format.TEXT,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the figures to, NAME.json each, such as docs/robustness.")
    ] = None,
) -> None:
    """Measure how accuracy falls when faces are turned, moved, noisy, blurred, compressed, dark or half hidden.

    Twelve corruptions at five strengths each, on images that do not stand in Training; strength 0 is the image as it
    is. The same seed gives every model the same pictures. A thousand images take a few minutes, and some more for the
    first model that needs their meshes, which are then kept beside the dataset.

    Example: python -m training robustness quick cnn --data data/fer2013.parquet --out docs/robustness
    """
    from training.evaluation.robustness import robustness as run_robustness

    check_split(split)
    for folder in [folder_of(model) for model in models]:
        bar = partial(tqdm, desc=folder.name, unit=" corruptions", disable=not sys.stderr.isatty())
        found = run_robustness(folder, data, split, images=images, seed=seed, each=bar)
        if out:
            found.save(out)
        typer.echo(found.as_json() if form is Format.JSON else f"{found.model}\n\n{found.table(table_in(form))}\n")


def robustness_chart(
    out: Annotated[Path, typer.Option(help="The SVG file to write.")],
    folder: Annotated[Path, typer.Argument(help="That `robustness --out` has written to.")] = Path("docs/robustness"),
) -> None:
    """Draw the robustness of all models that stand in a folder: a panel for each corruption, a line for each model.

    Example: python -m training robustness-chart --out docs/robustness.svg
    """
    from training.evaluation.robustness import stored
    from training.publish.robustness_chart import save_chart

    if out.suffix != ".svg":
        raise TrainingError(f"{out}: the name must end in .svg")
    if not (found := stored(folder)):
        raise TrainingError(f"{folder}: no figures in it; run `python -m training robustness MODEL... --out {folder}`")
    save_chart(found, out)
    typer.echo(f"the robustness of {len(found)} model(s) drawn in {out}")
