"""Gradio without telemetry, and with a private folder for uploads.

All modules import Gradio from here, because it reads these environment variables at its first import.
"""

import os

from webapp.space import uploads

# Gradio and the Hugging Face hub would otherwise report their use.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_TEMP_DIR"] = uploads.folder()

import gradio as gr

__all__ = ["gr"]
