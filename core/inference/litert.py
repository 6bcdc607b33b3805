"""Networks in `.tflite` files, run with LiteRT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ..errors import ModelError
from .pictures import in_whole_numbers


class LiteRTRunner:
    """One interpreter of a `.tflite` file with the one signature that Keras gives it; see `Runner`.

    Args:
        path: Path of the file, for messages.
        content: Content of the file.
        threads: Number of cores that one prediction may use.

    Raises:
        ModelError: LiteRT cannot load the file.
    """

    def __init__(self, path: Path, content: bytes, threads: int):
        self._interpreter = _interpreter(path, content, threads)
        try:
            self._signature = self._interpreter.get_signature_runner("serving_default")
            ((self._name, taken),) = self._signature.get_input_details().items()
            given = self._signature.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path}: LiteRT cannot load it ({error})") from None
        self._shape, self._dtype = tuple(map(int, taken["shape_signature"][1:])), np.dtype(taken["dtype"])
        self.takes = f"{self._dtype} {self._shape}"
        self.answers = {name: int(details["shape"][-1]) for name, details in given.items()}

    def fits(self, example: np.ndarray) -> bool:
        return example.shape == self._shape and example.dtype == self._dtype

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        return self._signature(**{self._name: batch})


def open_litert(path: Path, content: bytes, outputs: Mapping[str, int], threads: int) -> Callable[[], LiteRTRunner]:
    """A function that makes interpreters of a `.tflite` file; it raises ModelError if LiteRT cannot load the file.

    Args:
        path: Path of the file, for messages.
        content: Content of the file.
        outputs: Number of labels of each label set; not used, because the file names its outputs itself.
        threads: Number of cores that one prediction may use.
    """
    return lambda: LiteRTRunner(path, content, threads)


class LiteRTNetwork:
    """One interpreter of any `.tflite` file with one input; see `Network`.

    Args:
        path: Path of the file, for messages.
        content: Content of the file.
        threads: Number of cores that one prediction may use.

    Raises:
        ModelError: LiteRT cannot load the file.
    """

    channels_first = False

    def __init__(self, path: Path, content: bytes, threads: int):
        self._interpreter = _interpreter(path, content, threads)
        inputs = self._interpreter.get_input_details()
        if len(inputs) != 1:
            raise ModelError(f"{path}: has {len(inputs)} inputs instead of one")
        self._index, self._dtype = inputs[0]["index"], np.dtype(inputs[0]["dtype"])
        self._scale, self._zero = inputs[0]["quantization"]
        self._shape: tuple[int, ...] = ()  # that of the last picture
        self.sides = tuple(None if side < 0 else int(side) for side in inputs[0]["shape_signature"])

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        if self._shape != picture.shape:
            self._interpreter.resize_tensor_input(self._index, picture.shape)
            self._interpreter.allocate_tensors()
            self._shape = picture.shape
        self._interpreter.set_tensor(self._index, self._quantised(picture))
        self._interpreter.invoke()
        return [self._output(details) for details in self._interpreter.get_output_details()]

    def _quantised(self, picture: np.ndarray) -> np.ndarray:
        if self._dtype.kind not in "iu":
            return picture.astype(self._dtype)
        return in_whole_numbers(picture / self._scale + self._zero if self._scale else picture, self._dtype)

    def _output(self, details: Mapping) -> np.ndarray:
        scale, zero = details["quantization"]
        values = self._interpreter.get_tensor(details["index"])
        return (values.astype(np.float32) - zero) * scale if scale else values


def _interpreter(path: Path, content: bytes, threads: int):
    from ai_edge_litert.interpreter import Interpreter

    try:
        return Interpreter(model_content=content, num_threads=threads)
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path}: LiteRT cannot load it ({' '.join(str(error).split())})") from None
