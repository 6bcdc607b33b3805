"""Commands that measure how models bear worse pictures."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.model_store import folder_of
from training.commands.options import DatasetOption, Format, FormatOption, SplitOption, check_split, table_in
from training.errors import TrainingError


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
    from training.robustness import robustness as run_robustness

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
    from training.robustness import stored
    from training.robustness_chart import save_chart

    if out.suffix != ".svg":
        raise TrainingError(f"{out}: the name must end in .svg")
    if not (found := stored(folder)):
        raise TrainingError(f"{folder}: no figures in it; run `python -m training robustness MODEL... --out {folder}`")
    save_chart(found, out)
    typer.echo(f"the robustness of {len(found)} model(s) drawn in {out}")
