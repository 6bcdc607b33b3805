"""Plotly figures, drawn from numbers; no page, no Streamlit."""
