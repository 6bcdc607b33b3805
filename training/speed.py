"""How large a model is, and how long it takes for a face."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from core.cards import Card
from core.inference.artifact import MODEL_FILE, Artifact

_ROUNDS, _LOOKS = 21, 10


def milliseconds_a_face(folder: Path) -> float:
    """Processor time of one answer to one face on one thread: the median of 21 rounds, the model alone.

    It is what a clock on the wall shows on an idle machine, and other work on the machine hardly changes it.
    """
    artifact = Artifact(folder, threads=1)
    face = artifact.probe()[None]
    rounds = []
    for _ in range(_ROUNDS + 1):  # the first one warms up
        start = time.thread_time()
        for _ in range(_LOOKS):
            artifact.predict(face)
        rounds.append((time.thread_time() - start) / _LOOKS)
    return 1000 * statistics.median(rounds[1:])


def size_bytes(card: Card) -> int:
    """Size of the file that is served; weights kept for more training lie beside it."""
    return next(iter(card.files.values()))["bytes"]


def megabytes(card: Card) -> str:
    """The same, for people."""
    return f"{size_bytes(card) / 1e6:.1f} MB"


def parameters(folder: Path, card: Card) -> int | None:
    """Numbers that were learnt, as the card says or else as the served network holds them; None if it is no network.

    In a served network the batch normalisation has been folded into the convolutions before it.
    """
    if "parameters" in card.data:
        return int(card.data["parameters"])
    return _constants(folder / MODEL_FILE) if (folder / MODEL_FILE).is_file() else None


def _constants(path: Path) -> int:
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(model_path=str(path))
    made = {int(tensor) for operation in network._get_ops_details() for tensor in operation["outputs"]}
    made |= {entry["index"] for entry in network.get_input_details()}
    return sum(
        int(np.prod(tensor["shape"]))
        for tensor in network.get_tensor_details()
        if tensor["index"] not in made and tensor["dtype"] in (np.float16, np.float32, np.int8)
    )
