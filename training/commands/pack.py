"""The command that packs a dataset for a machine that only fits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.features import FEATURES
from training.commands.options import DatasetOption
from training.errors import TrainingError


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
    from training.choice import load_material
    from training.pack import write_pack

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
