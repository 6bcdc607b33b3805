"""Commands about the engine: two checks of it as a whole, and those that fit what it compares faces with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.explain import NEUTRAL_FILE
from core.faces import crop_region as crop_regions
from core.faces.face_check import WEIGHTS_FILE
from core.faces.head_pose import STANDARD_FACE_FILE
from core.inference.artifact import Artifact
from core.model_store import folder_of
from training.commands.options import DatasetOption, bar


def check_photographs(
    model: Annotated[str, typer.Argument(help="Name of an installed model that reads pixels.")],
    data: DatasetOption,
    images: Annotated[int, typer.Option(min=2, help="Number of images of PublicTest, without copies, to take.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed takes the same images and makes the same photographs.")] = 0,
) -> None:
    """Check that faces are found in whole photographs, and read as well as from the dataset's crops.

    Each face is scaled to 24 to 300 pixels, turned by up to 20 degrees, tinted, and pasted into a made-up scene; every
    second photograph is 30 % darker. The check holds if at most 3 points of accuracy are lost, with every face that is
    not found counted as an error. If it does not hold, the exit code is 1.

    Example: python -m training check-photographs quick --data data/fer2013.parquet
    """
    from core.recognizer import Recognizer
    from training.engine.checks import check_photographs as run_check

    _conclude(model, run_check(Recognizer(model), data, images, seed, each=bar))


def crop_region(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The tflite file to write.")] = crop_regions.WEIGHTS_FILE,
    epochs: Annotated[int, typer.Option(min=1, help="Number of passes over the faces.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed displaces alike and begins with the same weights.")] = 0,
) -> None:
    """Fit the network that sees where in a crop the face lies, so that all faces are shown alike to the mesh's.

    It learns from where the mesh of each face of Training lies, displaced and mirrored at random. It takes some twenty
    minutes on two cores. The meshes of a dataset, and the models that read them, belong to one such network: fit them
    again.

    Example: python -m training crop-region --data data/fer2013.parquet
    """
    from training.engine.fit_crop_region import fit_crop_region

    faces = fit_crop_region(data, out, seed, epochs, each=bar, say=typer.echo)
    typer.echo(f"network fitted to {faces} faces, written to {out}")


def face_check(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The npz file to write.")] = WEIGHTS_FILE,
    images: Annotated[int, typer.Option(min=24, help="Number of faces of Training to take.")] = 3000,
    seed: Annotated[int, typer.Option(help="The same seed takes the same faces and scenes.")] = 0,
) -> None:
    """Fit the weights that tell faces from other things where the detector is unsure, on Training.

    Faces are pasted into made-up scenes, found by the detector and aligned. Other crops are what the detector takes for
    a face in made-up patterns and two photographs, and badly framed faces. A fifth of the faces is kept to weigh the
    detector's, the crop's and the mesh network's opinions against each other. It takes some ten minutes on two cores.

    Example: python -m training face-check --data data/fer2013.parquet
    """
    from training.engine.fit_face_check import fit_face_check

    fitted = fit_face_check(data, out, images, seed, each=bar)
    typer.echo(f"weights fitted to {fitted.faces} faces and {fitted.others} other crops, written to {out}")


def check_saliency(
    model: Annotated[str, typer.Argument(help="Name of an installed model that reads pixels.")],
    data: DatasetOption,
    images: Annotated[int, typer.Option(min=2, help="Number of images of PublicTest, without copies, to take.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed takes the same images and random positions.")] = 0,
) -> None:
    """Check that the answer rests on what "Why?" marks on a face.

    The marked fifth of each face is blurred and, for comparison, the same shape at a random position. The check holds
    if the median fall of the answer's probability is at least twice as large for the marked region, with p < 0.01
    (Wilcoxon's paired test). If it does not hold, the exit code is 1.

    Example: python -m training check-saliency quick --data data/fer2013.parquet
    """
    from training.engine.checks import check_saliency as run_check

    _conclude(model, run_check(Artifact(folder_of(model)), data, images, seed, each=bar))


def neutral_movements(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The csv file to write.")] = NEUTRAL_FILE,
) -> None:
    """Measure the blendshapes of neutral faces of Training, which "Why?" compares a face with.

    Example: python -m training neutral-movements --data data/fer2013.parquet
    """
    from training.engine.fit_neutral_face import write_neutral_movements

    typer.echo(f"blendshapes of {write_neutral_movements(data, out)} neutral faces written to {out}")


def standard_face(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The csv file to write.")] = STANDARD_FACE_FILE,
) -> None:
    """Measure the shape of neutral faces of Training, against which the turn of a head is measured.

    Example: python -m training standard-face --data data/fer2013.parquet
    """
    from training.engine.fit_neutral_face import write_standard_face

    typer.echo(f"shape of {write_standard_face(data, out)} neutral faces written to {out}")


def _conclude(model: str, check) -> None:
    """Print the result of a check; fail if it does not hold."""
    typer.echo(f"{model}: {check}")
    if not check.holds:
        raise typer.Exit(1)
