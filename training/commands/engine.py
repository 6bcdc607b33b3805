"""Commands about finding faces: check that they are found and read in photographs, and fit what judges a crop."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.explain import NEUTRAL_FILE
from core.faces.face_check import WEIGHTS_FILE
from core.inference.artifact import Artifact
from core.model_store import folder_of
from training.commands.options import DatasetOption


def check_photographs(
    model: Annotated[str, typer.Argument(help="Name of an installed model that sees pixels.")],
    data: DatasetOption,
    images: Annotated[int, typer.Option(min=2, help="How many images of PublicTest, without copies, to take.")] = 300,
    seed: Annotated[int, typer.Option(help="Which images, and which photographs.")] = 0,
) -> None:
    """Check that faces are found and read in whole photographs as well as in the crops that a dataset has.

    Each face is enlarged or shrunk to 24 to 300 pixels, turned by up to 20 degrees, tinted, and pasted into a made-up
    place; every second photograph is 30 % darker. It holds where at most 3 points of accuracy are lost, a face that is
    not found counting as an error; where it does not, the exit code is 1.

    Example: python -m training check-photographs quick --data data/fer2013.parquet
    """
    from core.recognizer import Recognizer
    from training.engine.checks import check_photographs as run_check

    bar = partial(tqdm, unit=" images", leave=False, disable=not sys.stderr.isatty())
    found = run_check(Recognizer(model), data, images, seed, each=bar)
    typer.echo(f"{model}: {found}")
    if not found.holds:
        raise typer.Exit(1)


def face_check(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The npy file to write.")] = WEIGHTS_FILE,
    images: Annotated[int, typer.Option(min=24, help="How many faces of the Training split to take.")] = 3000,
    seed: Annotated[int, typer.Option(help="Which faces, and which places without one.")] = 0,
) -> None:
    """Fit what tells a face's crop from anything else where the detector doubts, on the Training split.

    Faces are pasted into made-up places and laid as the detector sees them; the others are what the detector takes for
    a face in made-up patterns and two photographs, and pieces of faces. A minute or two on one core.

    Example: python -m training face-check --data data/fer2013.parquet
    """
    from training.engine.fit_face_check import fit_face_check

    bar = partial(tqdm, unit=" images", leave=False, disable=not sys.stderr.isatty())
    fitted = fit_face_check(data, out, images, seed, each=bar)
    typer.echo(f"{fitted.faces} faces told from {fitted.others} crops that are none: weights written to {out}")


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
    from training.engine.checks import check_saliency as run_check

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
    from training.engine.fit_neutral_face import write_neutral_movements

    typer.echo(f"the movements of {write_neutral_movements(data, out)} neutral faces written to {out}")
