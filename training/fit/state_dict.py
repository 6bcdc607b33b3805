"""Reading the tensors of a PyTorch state dict (.pth) without PyTorch and without trusting the file.

Such a file is a pickle, and a pickle may name any function to call. Here only the few names that describe tensors are
known, and everything else is refused. The form that is read is that of PyTorch before 1.6: five pickles (a magic
number, a version, the machine, the tensors, the order of the storages), then the numbers.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from training.errors import TrainingError

_MAGIC, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_LARGEST_PICKLE = 1 << 22  # bytes, and entries of its memo; that of EfficientNet-Lite0 takes 42 thousand
_DTYPES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8"}


class _Tensor(NamedTuple):
    """Place of a tensor in the file.

    Attributes:
        storage: Key and dtype of the storage that holds the numbers.
        offset: Place of the first number in the storage.
        shape: Shape of the tensor.
        strides: Steps between neighbours along each axis, in numbers.
    """

    storage: tuple[str, str]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a state dict by name, in the dtypes in which they are stored.

    Raises:
        TrainingError: The file is missing, damaged, of another form, or holds anything but tensors.
    """
    try:
        return _read(path.read_bytes())
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror})") from None
    except TrainingError as error:
        raise TrainingError(f"{path}: {error}") from None
    except Exception as error:  # a damaged pickle may raise any error
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise TrainingError(f"{path}: not readable as weights of PyTorch ({reason:.200})") from None


def _read(content: bytes) -> dict[str, np.ndarray]:
    if content.startswith(b"PK"):
        raise TrainingError("saved by PyTorch 1.6 or newer; save it with _use_new_zipfile_serialization=False")
    at, loaded = 0, []
    for _ in range(5):
        value, at = _unpickled(content, at)
        loaded.append(value)
    magic, version, machine, tensors, keys = loaded
    if (magic, version) != (_MAGIC, _VERSION) or machine["little_endian"] is not True:
        raise TrainingError("not weights of PyTorch as a little-endian machine saves them")
    if not all(isinstance(name, str) and isinstance(tensor, _Tensor) for name, tensor in tensors.items()):
        raise TrainingError("refused, because it holds more than tensors")
    dtypes, storages = dict(tensor.storage for tensor in tensors.values()), {}
    for key in keys:
        count = int(np.frombuffer(content, "<i8", 1, at)[0])
        storages[key] = np.frombuffer(content, dtypes[key], max(0, count), at + 8)
        at += 8 + storages[key].nbytes
    return {name: _array(tensor, storages[tensor.storage[0]]) for name, tensor in tensors.items()}


def _array(tensor: _Tensor, numbers: np.ndarray) -> np.ndarray:
    _, offset, shape, strides = tensor
    last = offset + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
    if min(offset, *strides, 0) < 0 or min(shape, default=1) < 1 or max(last + 1, math.prod(shape)) > len(numbers):
        raise TrainingError("a tensor in it is larger than its numbers")
    steps = [stride * numbers.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(numbers[offset:], shape, steps).copy()


def _unpickled(content: bytes, start: int) -> tuple[Any, int]:
    """Load the pickle at a place; return its value and the place behind it."""
    pickled = io.BytesIO(content[start : start + _LARGEST_PICKLE])
    for operation, argument, _ in pickletools.genops(pickled):
        if "PUT" in operation.name and int(argument) > _LARGEST_PICKLE:  # pickle would allocate as many entries
            raise TrainingError("refused, because its pickle is too large for weights")
    end = pickled.tell()
    return _Unpickler(io.BytesIO(pickled.getvalue()[:end])).load(), start + end


class _Unpickler(pickle.Unpickler):
    """Unpickler that knows the names of tensors and no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(storage, offset, shape, strides)
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise TrainingError(f"refused, because it holds more than tensors ({f'{module}.{name}':.80})")

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        _, dtype, key, *_ = pid
        return key, dtype
