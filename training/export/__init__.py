"""Export of trained models: as folders that the engine serves, and as LiteRT, ONNX and Keras files."""

from __future__ import annotations

from training.export.file import FORMATS, export_file
from training.export.folders import export_keras, export_scikit

__all__ = ["FORMATS", "export_file", "export_keras", "export_scikit"]
