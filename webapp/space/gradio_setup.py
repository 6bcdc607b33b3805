"""Gradio, kept from reporting its use and with a folder of its own for what visitors upload.

Whoever needs Gradio imports it from here: both are settled by environment variables that count only before the first
`import gradio`.
"""

import os

from webapp.space import uploads

# Gradio and the Hugging Face hub would otherwise report their use.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_TEMP_DIR"] = uploads.folder()

import gradio as gr

__all__ = ["gr"]
