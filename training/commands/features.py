"""The command that turns a dataset into a table of one feature."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from core.features import FEATURES
from core.runtime.mediapipe_guard import native_logs_hidden
from training.commands.options import DatasetOption, EmbedderOption, embedding_of
from training.datasets import SPLITS
from training.errors import TrainingError


def extract(
    feature: Annotated[str, typer.Argument(help=f"One of: {', '.join(FEATURES)}.")],
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The table to write: NAME.parquet or NAME.xlsx.")],
    embedder: EmbedderOption = None,
    splits: Annotated[str, typer.Option(help="Rows to take, separated by commas.")] = ",".join(SPLITS),
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes to use; one for each core if not given.")] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the workers of this Dask scheduler instead.")
    ] = None,
) -> None:
    """Compute a feature of every image of a dataset and write it as a table.

    The columns are image (its row in the dataset), hash, expression, split, found, and the feature: a list of numbers
    in Parquet, one column for each of them in Excel, empty where no face could be seen. The mesh also writes which of
    its points are neighbours, once: to NAME.adjacency.parquet, or to a second sheet.

    A run that was interrupted, even by a power cut, goes on where it was when the same command is given again. Parquet
    takes any size; an Excel sheet holds 1,048,576 rows and 16,384 columns.

    On an existing Dask cluster (its workers need Mien and the model files, but not the dataset):

    python -m training extract mesh --data fer2013.parquet --out mesh.parquet --dask tcp://scheduler:8786
    """
    from training.features.extract import extract as run_extraction

    if embedder:
        if feature != "embedding":
            raise TrainingError(f"--embedder {embedder}: is for the feature embedding, not for {feature!r}")
        feature = embedding_of(embedder)
    if feature not in FEATURES:
        raise TrainingError(f"no feature named {feature!r}; choose one of {', '.join(FEATURES)}")
    chosen = tuple(name.strip() for name in splits.split(","))
    if unknown := [name for name in chosen if name not in SPLITS]:
        raise TrainingError(f"--splits {unknown[0]}: unknown; give some of {', '.join(SPLITS)}")
    # Workers are started inside the block and are as quiet as this process.
    with native_logs_hidden(), tqdm(unit=" images", leave=False, disable=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            if not bar.n:
                bar.initial = done  # what an earlier run did says nothing about how fast this one is
            bar.update(done - bar.n)

        result = run_extraction(FEATURES[feature], data, out, chosen, jobs=jobs, dask=dask, progress=progress)
    resumed = f", {result.resumed} of them by an earlier run" if result.resumed else ""
    files = " and ".join(map(str, result.files))
    typer.echo(
        f"{result.images} images{resumed}, {result.found / result.images:.1%} found, {result.seconds:.0f} s: {files}"
    )


def pack(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The .npz file to write, or a folder to write it in.")],
    feature: Annotated[str, typer.Option(help=f"What is packed; one of: {', '.join(FEATURES)}.")] = "pixels",
    splits: Annotated[
        str, typer.Option(help="What is packed: training,public and no other; PrivateTest never goes into a fit.")
    ] = "training,public",
    lossless: Annotated[
        bool,
        typer.Option("--lossless", help="Keep every number exactly: for FER2013's pictures half as large again."),
    ] = False,
) -> None:
    """Pack a dataset into one small file, for fitting on a machine that has only NumPy, Keras and a backend.

    The file holds the feature of every Training and PublicTest image, the labels and the votes. PublicTest's copies of
    Training and of PrivateTest are left out, as in every fit. Unless --lossless is given, grey pictures may be off by 2
    of the 256 grey levels, and other numbers by 1/200 of their standard deviation; what came of it is printed.

    Example: python -m training pack --data data/fer2013.parquet --out data; then, with the folders core and training on
    that machine: python -m training.fit_pack fer2013.pack.npz --recipe cnn --run runs/cnn
    """
    from training.fit.material import load_material
    from training.fit.pack import write_pack

    if feature not in FEATURES:
        raise TrainingError(f"--feature {feature}: unknown; give one of {', '.join(FEATURES)}")
    named = {{"public-test": "public"}.get(name.strip(), name.strip()) for name in splits.split(",")}
    if named != {"training", "public"}:
        raise TrainingError(f"--splits {splits}: a fit learns from one and chooses on the other: give training,public")
    if out.suffix != ".npz":
        out = out / f"{data.stem}{'' if feature == 'pixels' else '-' + feature}.pack.npz"
    material = load_material(FEATURES[feature], data)
    about = {
        "feature": dict(material.feature),
        "dataset": material.name_and_hash(),
    }
    about = write_pack(out, material.training, material.choice, about, lossless, FEATURES[feature].layout)
    typer.echo(
        f"{len(material.training)} images of Training and {len(material.choice)} of PublicTest packed into {out}, "
        f"{out.stat().st_size / 1e6:.1f} MB"
    )
    for name, told in about["arrays"].items():
        if told["most_off"]:
            typer.echo(f"{name}: off by {told['most_off']:.2g} at most, by {told['mean_off']:.2g} on average")
