"""The Streamlit parts that the pages are composed of."""
