"""Runners: what turns a batch of a feature into logits, one for each kind of model file.

A model folder holds one of the files named in `RUNNERS`, and that name says how it is run. A runner's libraries are
imported when the first model of its kind is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from .ensemble import open_ensemble
from .litert import open_litert
from .runner import Runner
from .scikit import open_scikit

__all__ = ["RUNNERS", "Open", "Runner"]

Open = Callable[[Path, bytes, Mapping[str, int], int], Callable[[], Runner]]
"""From a file's path, its content, the number of labels of each label set, and the cores that one prediction may use,
to what makes runners; those are used by one thread at a time."""

RUNNERS: Mapping[str, Open] = {"model.tflite": open_litert, "model.skops": open_scikit, "ensemble.json": open_ensemble}
