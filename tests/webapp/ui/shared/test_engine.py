import os
import shutil

import streamlit as st

from core import model_store
from webapp.ui.shared import engine


def test_another_model_of_the_same_name_is_used_at_once(tmp_path, monkeypatch, recognizer):
    shutil.copytree(model_store.folder_of("quick"), tmp_path / "quick")
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    made = []
    monkeypatch.setattr(engine, "Recognizer", lambda model, cores: made.append(model) or recognizer)
    st.cache_resource.clear()
    engine.recognizer("quick")
    engine.recognizer("quick")
    assert made == ["quick"]
    os.utime(tmp_path / "quick" / "card.json", (1, 1))
    engine.recognizer("quick")
    assert made == ["quick", "quick"]
