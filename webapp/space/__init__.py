"""The Gradio page, alone in a Hugging Face Space."""
