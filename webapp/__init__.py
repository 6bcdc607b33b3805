"""What people see: the Streamlit studio and the Gradio Space."""
