"""Commands that write one feature of a dataset: `extract`, as a table, and `pack`, for a fit elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.features import FEATURES
from core.runtime.files import keep_inputs
from core.runtime.mediapipe_guard import native_logs_hidden
from training.commands.options import DatasetOption, EmbedderOption, embedding_of, image_bar
from training.datasets import SPLITS
from training.errors import TrainingError


def extract(
    feature: Annotated[str, typer.Argument(help=f"One of: {', '.join(FEATURES)}.")],
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The table to write: NAME.parquet or NAME.xlsx.")],
    embedder: EmbedderOption = None,
    splits: Annotated[str, typer.Option(help="Splits to take, separated by commas.")] = ",".join(SPLITS),
    jobs: Annotated[int | None, typer.Option(min=1, help="Number of processes; one for each core by default.")] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the workers of this Dask scheduler instead.")
    ] = None,
) -> None:
    """Compute a feature of every image of a dataset and write it as a table.

    The columns are image (the row in the dataset), hash, expression, split, found, and the feature: a list of numbers
    in Parquet, one column for each number in Excel, empty where no face was found. For the mesh, the pairs of
    neighbouring points are written too: to NAME.adjacency.parquet, or to a second sheet.

    After an interruption, even a power cut, the same command continues. A table in Parquet may have any size; an Excel
    sheet holds 1,048,576 rows and 16,384 columns.

    On an existing Dask cluster (its workers need Mien and the model files, but not the dataset):

    python -m training extract mesh --data fer2013.parquet --out mesh.parquet --dask tcp://scheduler:8786
    """
    from training.features.extract import extract as run_extraction

    if embedder:
        if feature != "embedding":
            raise TrainingError(
                f"--embedder {embedder}: is for the feature embedding, not for {feature!r}; leave it out"
            )
        feature = embedding_of(embedder)
    if feature not in FEATURES:
        raise TrainingError(f"no feature named {feature!r}; choose one of {', '.join(FEATURES)}")
    chosen = tuple(name.strip() for name in splits.split(","))
    if unknown := [name for name in chosen if name not in SPLITS]:
        raise TrainingError(f"--splits {unknown[0]}: unknown; give some of {', '.join(SPLITS)}")
    keep_inputs([out], [data])
    # The processes are started inside the block, so that they are as quiet as this one.
    with native_logs_hidden(), image_bar() as progress:
        result = run_extraction(FEATURES[feature], data, out, chosen, jobs=jobs, dask=dask, progress=progress)
    resumed = f", {result.resumed} of them by an earlier run" if result.resumed else ""
    files = " and ".join(map(str, result.files))
    typer.echo(
        f"{result.images} images{resumed}, {result.found / result.images:.1%} found, {result.seconds:.0f} s: {files}"
    )


def pack(
    data: DatasetOption,
    out: Annotated[Path, typer.Option(help="The .npz file to write, or a folder for it.")],
    feature: Annotated[str, typer.Option(help=f"Feature to pack; one of: {', '.join(FEATURES)}.")] = "pixels",
    splits: Annotated[
        str, typer.Option(help="Splits to pack: training,public and no other; private-test is never used in a fit.")
    ] = "training,public",
    lossless: Annotated[
        bool,
        typer.Option("--lossless", help="Keep every number exactly: for FER2013's pictures 56 instead of 41 MB."),
    ] = False,
) -> None:
    """Pack a dataset into one small file, for fitting on a machine that has only NumPy, Keras and a backend.

    The file holds the feature of every image of training and public-test, the labels and the votes. Images of
    public-test that are in another split too are left out, as in every fit. Unless --lossless is given, grey pictures
    may be off by 2 of the 256 grey levels, and other numbers by about a thousandth of their standard deviation; the
    command prints how far off they are.

    Example: python -m training pack --data data/fer2013.parquet --out data; then, with the folders core and training on
    that machine: python -m training.fit_pack fer2013.pack.npz --recipe cnn --run runs/cnn
    """
    from training.fit.material import load_material
    from training.fit.pack import write_pack

    if feature not in FEATURES:
        raise TrainingError(f"--feature {feature}: unknown; give one of {', '.join(FEATURES)}")
    named = {{"public-test": "public"}.get(name.strip(), name.strip()) for name in splits.split(",")}
    if named != {"training", "public"}:
        raise TrainingError(
            f"--splits {splits}: a fit learns from one split and chooses on the other; give training,public"
        )
    if out.suffix != ".npz":
        out = out / f"{data.stem}{'' if feature == 'pixels' else '-' + feature}.pack.npz"
    material = load_material(FEATURES[feature], data)
    loss = write_pack(out, material, lossless, FEATURES[feature].layout)
    typer.echo(
        f"{len(material.training)} images of training and {len(material.choice)} of public-test packed into {out}, "
        f"{out.stat().st_size / 1e6:.1f} MB"
    )
    for name, told in loss.items():
        if told["most_off"]:
            typer.echo(f"{name}: off by {told['most_off']:.2g} at most, by {told['mean_off']:.2g} on average")
