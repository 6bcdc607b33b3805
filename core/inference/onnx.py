"""Networks in `.onnx` files, run with ONNX Runtime, which is installed for them only."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ..errors import ModelError
from .pictures import in_whole_numbers

_DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(double)": "float64"}
_WHOLE = {"tensor(uint8)": "uint8", "tensor(int8)": "int8", "tensor(int32)": "int32", "tensor(int64)": "int64"}
_NO_FOLDER = "/nonexistent"


class OnnxNetwork:
    """One session of an `.onnx` file with one input; see `Network`.

    Args:
        path: Path of the file, for messages.
        content: Content of the file, weights included.
        threads: Number of cores that one prediction may use.

    Raises:
        ModelError: ONNX Runtime is not installed or cannot load the file.
    """

    channels_first = True

    def __init__(self, path: Path, content: bytes, threads: int):
        try:
            import onnxruntime
        except ModuleNotFoundError:  # which only models of this kind need
            raise ModelError(f"{path}: needs ONNX Runtime, run `pip install onnxruntime`") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 4  # what goes wrong is raised as well
        # Weights in further files would be looked for in the working folder, and nobody has verified those.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", _NO_FOLDER)
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have nothing more in common
            raise ModelError(f"{path}: {_why_not(str(error))}") from None
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise ModelError(f"{path}: has {len(inputs)} inputs instead of one")
        self._name, kind = inputs[0].name, inputs[0].type
        self._dtype = np.dtype(_DTYPES.get(kind) or _WHOLE.get(kind) or object)
        if self._dtype.hasobject:
            raise ModelError(f"{path}: takes {kind}, which is no picture")
        self.sides = tuple(side if isinstance(side, int) and side > 0 else None for side in inputs[0].shape)

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        values = in_whole_numbers(picture, self._dtype) if self._dtype.kind in "iu" else picture.astype(self._dtype)
        try:
            given = self._session.run(None, {self._name: values})
        except Exception as error:
            raise RuntimeError(_reason(str(error))) from None
        return [np.asarray(values) for values in given]


def _why_not(message: str) -> str:
    if "protobuf" in message.lower():
        return "not a valid ONNX file; export it again"
    if "external data" in message.lower():
        return "keeps its weights in another file; save it as one file"
    return f"ONNX Runtime cannot load it ({_reason(message)})"


def _reason(message: str) -> str:
    """What an error says, without where in ONNX Runtime's own source it was found."""
    message = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", " ".join(message.split()))
    return re.sub(r"^/onnxruntime_src/\S+ .*?\) (?=[A-Z])", "", message)
