"""The Models page: how good each installed model is, what it is made of, and which is the default."""

import streamlit as st

from webapp.ui import models

st.title("Models")
st.markdown("What is installed, how far to trust it, and which model is used unless another one is chosen.")

models.show()
