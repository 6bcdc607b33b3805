"""Commands behind the answer to "why?": check the saliency maps, and measure what a neutral face does."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.explain import NEUTRAL_FILE
from core.inference.artifact import Artifact
from core.model_store import folder_of
from training.commands.options import DatasetOption


def check_saliency(
    model: Annotated[str, typer.Argument(help="Name of an installed model that sees pixels.")],
    data: DatasetOption,
    images: Annotated[int, typer.Option(min=2, help="How many images of PublicTest, without copies, to take.")] = 200,
    seed: Annotated[int, typer.Option(help="Which images, and which random places.")] = 0,
) -> None:
    """Check that what "Why?" marks on a face is what the answer rests on.

    The marked fifth of each face is blurred, and so is the same shape moved to a random place. It holds where the
    answer's probability falls at least twice as much (median) for the marked one, with p < 0.01 (Wilcoxon's paired
    test); where it does not, the exit code is 1.

    Example: python -m training check-saliency quick --data data/fer2013.parquet
    """
    from training.saliency_check import check_saliency as run_check

    bar = partial(tqdm, unit=" images", leave=False, disable=not sys.stderr.isatty())
    found = run_check(Artifact(folder_of(model)), data, images, seed, each=bar)
    typer.echo(f"{model}: {found}")
    if not found.holds:
        raise typer.Exit(1)


def neutral_movements(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The csv file to write.")] = NEUTRAL_FILE,
) -> None:
    """Measure the movements of neutral faces, which tell what stands out in a face, on the Training split.

    Example: python -m training neutral-movements --data data/fer2013.parquet
    """
    from training.neutral_movements import write_neutral_movements

    typer.echo(f"the movements of {write_neutral_movements(data, out)} neutral faces written to {out}")
