"""The commands that made each shipped model, from the dataset on."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.cards import Card
from core.inference.installed import installed
from core.model_store import folder_of
from training.datasets import dataset_hash
from training.errors import TrainingError

_FAST = "--precision mixed_bfloat16 --quantize int8"
_TEACHERS = (
    f"train embedder --data {{data}} {_FAST} --set epochs=18 --set batch=64 --set learning_rate=0.0015 "
    "--set dropout=0.2",
    "train embedding-mlp --data {data} --set votes=0",
    "train mesh-svm --data {data}",
)
_SOFT_LABELS = "--teacher embedding-mlp --teacher mesh-svm"
_JITTER = "--set rotation=9 --set scale=0.1 --set shift=0.06"
_FLAGSHIP = (
    f"train distilled --data {{data}} --name flagship --from embedder {_SOFT_LABELS} {_FAST} --set epochs=36 "
    f"--set learning_rate=0.002 --set votes=0 --set teachers=0.4 --set dropout=0.15 {_JITTER}"
)

PATHS = {
    "flagship": (*_TEACHERS, _FLAGSHIP),
    "ensemble": (*_TEACHERS, _FLAGSHIP, "ensemble --data {data} --name ensemble flagship embedding-mlp mesh-svm"),
    "flagship-tiny": (
        *_TEACHERS,
        _FLAGSHIP,
        "train distilled --data {data} --name flagship-tiny --preset tiny --from flagship --teacher flagship "
        f"{_SOFT_LABELS} {_FAST} --set epochs=12 --set learning_rate=0.001 --set votes=0 --set teachers=0.6 {_JITTER}",
    ),
}
"""Commands for `python -m training` by model, in their order; each has the seed 0."""


def reproduce(
    name: str,
    dataset: Path,
    *,
    run: Callable[[Sequence[str]], int] = lambda command: subprocess.run(command, check=False).returncode,
    say: Callable[[str], None] = print,
) -> None:
    """Make a shipped model again, and all that it was made from.

    A step whose model is installed and was made by the same command from the same images is left out. An interrupted
    step is continued.

    Args:
        name: One of `PATHS`.
        dataset: File that `training import` wrote.
        run: Runs a command in a new process and returns its exit code.
        say: Receives each command before it runs.

    Raises:
        DatasetError: The dataset cannot be used.
        TrainingError: There is no such model, or a step failed.
    """
    if name not in PATHS:
        raise TrainingError(f"reproduce {name}: no commands are recorded for it; give one of: {', '.join(PATHS)}")
    content = dataset_hash(dataset)
    for number, step in enumerate(PATHS[name], start=1):
        arguments = shlex.split(step.format(data=shlex.quote(str(dataset))))
        command = shlex.join(["python", "-m", "training", *arguments])
        place = f"[{number}/{len(PATHS[name])}]"
        if _is_done(_made_by(arguments), command, content):
            say(f"{place} done already: {command}")
            continue
        say(f"{place} {command}")
        if code := run([sys.executable, "-m", "training", *arguments]):
            raise TrainingError(f"reproduce {name}: step {number} ended with exit code {code}; see its messages above")


def _made_by(arguments: Sequence[str]) -> str:
    return arguments[arguments.index("--name") + 1] if "--name" in arguments else arguments[1]


def _is_done(model: str, command: str, content: str) -> bool:
    if model not in installed():
        return False
    card = Card.load(folder_of(model))
    return card.command == command and card.data.get("hash") == content
