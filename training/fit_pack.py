"""`python -m training.fit_pack`: fit a recipe on a machine that has only NumPy, Keras and one backend."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from core.errors import MienError
from core.recipes import get_recipe, recipes
from training.errors import TrainingError
from training.fit.keras_trainer import PRECISIONS, KerasTrainer
from training.fit.pack import read_pack
from training.fit.plan import FitPlan
from training.runs.folder import BEST_HALF, save_weights
from training.settings import settings_of

_BACKENDS = ("jax", "tensorflow", "torch")  # the first that is installed


def main(arguments: list[str] | None = None) -> int:
    """Run the command; a user's mistake is one sentence on stderr and exit code 2."""
    given = _parser().parse_args(arguments)
    try:
        _fit(given)
    except MienError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.fit_pack",
        description="Fit a recipe on a pack, on a machine that has only NumPy, Keras and JAX (or TensorFlow, or "
        "PyTorch). The folders core/ and training/ of this project have to be there, and the pack that `python -m "
        "training pack` wrote. The run folder that it leaves is brought home with `python -m training train --adopt`.",
        epilog="example: python -m training.fit_pack fer2013.pack.npz --recipe cnn --run runs/cnn --minutes 9 --half; "
        "given again, the same command continues where it stopped",
    )
    parser.add_argument("pack", type=Path, help="file that `python -m training pack` wrote")
    parser.add_argument("--recipe", required=True, help=f"one of: {', '.join(recipes())}")
    parser.add_argument(
        "--run", type=Path, required=True, help="folder for checkpoints and curves; a run in it is continued"
    )
    parser.add_argument("--preset", help="named settings of the recipe, such as seed")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting; repeatable")
    parser.add_argument("--minutes", type=float, help="stop before an epoch that would end later than this")
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the weights, the order and the jitter (default: 0)"
    )
    parser.add_argument("--precision", default=PRECISIONS[0], help=f"one of: {', '.join(PRECISIONS)}")
    parser.add_argument("--start", type=Path, help="weights (.weights.h5 or .npz) to begin from")
    parser.add_argument(
        "--teacher-run",
        type=Path,
        action="append",
        default=[],
        help="folder of a finished run whose network teaches along; repeatable",
    )
    parser.add_argument(
        "--half",
        action="store_true",
        help=f"leave {BEST_HALF} too: the best weights at half the precision, a sixth of the size; with fit.json and "
        "history.csv that is all that has to come home",
    )
    return parser


def _fit(given: argparse.Namespace) -> None:
    recipe = get_recipe(given.recipe)
    if recipe.trainer != "keras":
        raise TrainingError(f"--recipe {recipe.name}: is no network; fit it at home with `python -m training train`")
    settings = settings_of(recipe, given.preset, given.set)
    material, feature = read_pack(given.pack), recipe.feature_of(settings)
    if material.feature["name"] != feature:
        raise TrainingError(
            f"{given.pack}: holds the feature {material.feature['name']!r}, and the recipe {recipe.name!r} takes "
            f"{feature!r}; pack again with --feature {feature}"
        )
    _choose_backend()
    print(f"{len(material.training)} examples to learn from, {len(material.choice)} to choose on", flush=True)  # noqa: T201
    trainer = KerasTrainer()
    plan = FitPlan(
        recipe,
        settings,
        material,
        given.run,
        given.seed,
        given.precision,
        given.start,
        teacher_runs=tuple(given.teacher_run),
    )
    model = trainer.fit(plan, minutes=given.minutes, say=lambda line: print(line, flush=True))  # noqa: T201
    if given.half:
        save_weights(model, given.run / BEST_HALF)
    over = "finished" if trainer.is_finished(given.run) else "not finished; the same command continues it"
    print(f"{given.run}: {over}", flush=True)  # noqa: T201


def _choose_backend() -> None:
    """Keras takes TensorFlow unless told otherwise, installed or not."""
    if "KERAS_BACKEND" in os.environ:
        return
    installed = next((name for name in _BACKENDS if find_spec(name)), None)
    if installed is None:
        raise TrainingError("Keras has no backend here: install jax, tensorflow or torch")
    os.environ["KERAS_BACKEND"] = installed


if __name__ == "__main__":
    sys.exit(main())
