"""What a model folder holds beside the model: networks that a recipe cuts out of the trained one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.inference.litert import LiteRTRunner
from training.errors import TrainingError
from training.export.litert import write_litert
from training.export.stand_in import pictures

_APART = 0.01  # largest difference, as a share of the length of what the network gives
_PICTURES = 16


def write_extras(model, extras: Mapping[str, Callable[[Any], Any]], folder: Path) -> list[str]:
    """Write each as a `.tflite` file with float16 weights that answers as its network does.

    Args:
        model: The trained `keras.Model`.
        extras: As in `Recipe`.
        folder: To write them in.

    Returns:
        Their names.

    Raises:
        TrainingError: a file answers otherwise than its network.
    """
    for name, cut in extras.items():
        network = cut(model)
        write_litert(network, folder / name, "float16")
        apart = _apart(network, folder / name)
        if not apart <= _APART:
            raise TrainingError(f"{name}: the file is {apart:.2%} off the network that it was made of; report this")
    return list(extras)


def _apart(network, path: Path) -> float:
    examples = pictures(network.input_shape[1:], _PICTURES)
    run = LiteRTRunner(path, path.read_bytes(), threads=1)
    given = np.concatenate([values for example in examples for values in run(example[None]).values()])
    expected = network.predict(examples, batch_size=1, verbose=0)
    return float((np.linalg.norm(given - expected, axis=1) / np.linalg.norm(expected, axis=1)).max())
