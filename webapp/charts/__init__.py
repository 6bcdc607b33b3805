"""Plotly figures drawn from numbers. Nothing here imports Streamlit or Gradio, for both draw these figures."""
