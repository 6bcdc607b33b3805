"""Trained models -> files: the folders that the engine serves, and LiteRT, ONNX and Keras files for elsewhere."""

from __future__ import annotations

from training.export.file import FORMATS, export_file
from training.export.keras_folder import export_keras
from training.export.scikit_folder import export_scikit

__all__ = ["FORMATS", "export_file", "export_keras", "export_scikit"]
