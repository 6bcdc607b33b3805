"""Networks from elsewhere, run as they are: each gets its pictures in its own form, and answers in Mien's order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..errors import ModelError
from ..labels import FER7
from ..model_store import read_beside
from .litert import LiteRTNetwork
from .onnx import OnnxNetwork
from .pictures import LARGEST_SIDE, PictureForm, channels_first

ADOPTION_FILE = "adopted.json"
"""Name of the file in a model folder that says how the network beside it is run."""

NEVER = -1e3
"""Logarithm of the probability of an expression that a model does not know."""

IGNORED = "-"
"""Label for an answer that is none of `FER7`, such as contempt."""

FLOOR = 1e-7
"""The least probability, since 0 has no logarithm."""


class Network(Protocol):
    """A loaded file from elsewhere; only one thread at a time may use it.

    Attributes:
        sides: Sides of its input, number of pictures included; None for one of any length.
        channels_first: Whether files of its kind have channels before height and width where they leave it open.
    """

    sides: tuple[int | None, ...]
    channels_first: bool

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        """All outputs for one picture, float32 (1, ...) in the order of the sides.

        Raises:
            RuntimeError: The file cannot be run; so may a ValueError.
        """


NETWORKS: Mapping[str, Callable[[Path, bytes, int], Network]] = {".onnx": OnnxNetwork, ".tflite": LiteRTNetwork}
"""What opens a file from elsewhere, by its suffix: given its path, its content, and the number of cores it may use."""


@dataclass(frozen=True)
class Adoption:
    """What `adopted.json` says about the network beside it.

    Attributes:
        file: Name of the network's file.
        sha256: Sha256 of that file.
        form: The pictures that the network takes.
        labels: Labels of `FER7` in the order of its answers, `IGNORED` for one to leave out.
        probabilities: Whether it answers with probabilities, not logits.
    """

    file: str
    sha256: str
    form: PictureForm
    labels: tuple[str, ...]
    probabilities: bool

    def as_json(self) -> str:
        """The content of `adopted.json`."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def parse(cls, path: Path, content: bytes) -> Adoption:
        """Read the content of an `adopted.json`.

        Raises:
            ModelError: The content is not that of one; `path` names the file.
        """
        try:
            given: dict[str, Any] = json.loads(content)
            form = {key: tuple(value) if isinstance(value, list) else value for key, value in given["form"].items()}
            adoption = cls(**given | {"form": PictureForm(**form), "labels": tuple(given["labels"])})
            adoption._check()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ModelError(
                f"{path}: not a readable adoption ({error!s:.200}); restore or delete the folder"
            ) from None
        return adoption

    def _check(self) -> None:
        if Path(self.file).name != self.file or Path(self.file).suffix not in NETWORKS:
            raise ValueError(f"{self.file!r:.80} is no file of a network")
        form = self.form
        if form.channels not in (1, 3) or not all(
            type(side) is int and 1 <= side <= LARGEST_SIDE for side in form.shape[:2]
        ):
            raise ValueError("no pictures have that form")
        if not all(len(values) in (0, form.channels) for values in (form.mean, form.deviation)):
            raise ValueError("a mean or a deviation is not one number for each channel")
        if not (
            np.isfinite([form.low, form.high, *form.mean]).all() and np.isfinite(1 / np.array(form.deviation)).all()
        ):
            raise ValueError("a range, a mean or a deviation is no number")
        known = [label for label in self.labels if label != IGNORED]
        if not known or len(set(known)) != len(known) or not set(known) <= set(FER7.labels):
            raise ValueError("the labels are not those of fer7")


class AdoptedRunner:
    """A network with one input and, among its outputs, one with a number for each of its labels; see `Runner`.

    Args:
        path: Path of the network's file, for messages.
        network: The network.
        adoption: Form of its pictures and labels of its answers.

    Raises:
        ModelError: The network takes other pictures, or gives another number of answers.
    """

    takes = "uint8 (height, width, 1)"

    def __init__(self, path: Path, network: Network, adoption: Adoption):
        self.answers = {FER7.name: len(FER7)}
        self._network, self._adoption = network, adoption
        try:
            self._channels_first = channels_first(network.sides[1:], adoption.form, network.channels_first)
        except ValueError as error:
            raise ModelError(f"{path}: {error}") from None
        try:
            given = self._ask(np.zeros((1, 48, 48, 1), np.uint8))
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path}: cannot be run ({' '.join(str(error).split())})") from None
        fitting = [number for number, values in enumerate(given) if values.size == len(adoption.labels)]
        if len(fitting) != 1:
            sizes = " and ".join(str(values.size) for values in given)
            raise ModelError(f"{path}: gives {sizes} answers to a picture instead of {len(adoption.labels)}")
        self._output = fitting[0]
        self._places = [adoption.labels.index(label) if label in adoption.labels else -1 for label in FER7.labels]

    def fits(self, example: np.ndarray) -> bool:
        return example.ndim == 3 and example.shape[2] == 1 and example.dtype == np.uint8

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        answers = self.plain_answers(batch)
        logits = np.log(np.maximum(answers, FLOOR)) if self._adoption.probabilities else answers
        never = np.full((len(batch), 1), NEVER, np.float32)
        return {FER7.name: np.concatenate([logits, never], axis=1)[:, self._places]}

    def plain_answers(self, batch: np.ndarray) -> np.ndarray:
        """The network's own answers, in its own order.

        Args:
            batch: Uint8 (n, height, width, 1), grey pictures.

        Returns:
            Float32 (n, labels), as the network gives them: probabilities or logits.
        """
        return np.stack(
            [self._ask(batch[row : row + 1])[self._output].reshape(-1) for row in range(len(batch))]
        ).astype(np.float32)

    def _ask(self, crop: np.ndarray) -> list[np.ndarray]:
        picture = self._adoption.form.made_of(crop)
        return self._network(np.ascontiguousarray(picture.transpose(0, 3, 1, 2)) if self._channels_first else picture)


def open_adopted(path: Path, content: bytes, outputs: Mapping[str, int], threads: int) -> Callable[[], AdoptedRunner]:
    """A function that makes runners of a network from elsewhere.

    Args:
        path: Path of `adopted.json`; the network's file lies beside it.
        content: Content of `adopted.json`.
        outputs: Number of labels of each label set; not used, because the file names its labels itself.
        threads: Number of cores that one prediction may use.

    Raises:
        ModelError: One of the two files is damaged or altered.
    """
    adoption = Adoption.parse(path, content)
    network, file = read_beside(path, adoption.file, adoption.sha256), path.parent / adoption.file
    return lambda: AdoptedRunner(file, NETWORKS[file.suffix](file, network, threads), adoption)
