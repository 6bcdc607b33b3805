"""Why a face was read as it was, and what the other models say of it; both on request."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core import artifacts, assets
from core.crop_mesh import mesh_of
from core.errors import MienError
from core.explain import explain, is_explained_by_pixels, probability
from core.explain import marked as marked_in
from core.neutral import Movement, most_moved
from core.readings import Reading
from webapp import charts, charts_why
from webapp.ui import engine


def buttons(reading: Reading, model: str, key: str) -> None:
    """Two buttons below a face, each of which opens a window."""
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Why?", key=f"why-{key}", icon=":material/search_insights:"):
            st.dialog(f"Why {reading.label}?", width="medium")(_why)(reading, model)
        if len(artifacts.installed()) > 1 and st.button("All models", key=f"all-{key}", icon=":material/groups:"):
            st.dialog("What each model says", width="medium")(_all_models)(reading)


def _why(reading: Reading, model: str) -> None:
    try:
        _places(reading, model)
        _movements(reading)
    except MienError as error:
        st.error(str(error), icon=":material/error:")


def _places(reading: Reading, model: str) -> None:
    artifact = engine.recognizer(model).artifact
    if not is_explained_by_pixels(artifact.feature):
        st.info(
            f"{model.capitalize()} sees where the points of the face lie and not its pixels, so what moved in the face "
            "says more than a map of it would.",
            icon=":material/polyline:",
        )
        return
    crop, label = reading.face.crop, reading.label
    with st.spinner("Hiding one part of the face after the other …"):
        saliency, whole, without = _explained(crop, label, model)
    pictures = charts_why.side_by_side(charts_why.enlarged(crop), charts_why.saliency_picture(crop, saliency))
    st.image(pictures, width="stretch", alt="The face as the model gets it, and the parts that the answer rests on")
    st.markdown(
        f"The more orange a place is, the more **{label}** rests on it: with the outlined fifth of the face blurred, "
        f"its probability goes from {whole * 100:.0f} % to **{without * 100:.0f} %**."
    )


def _movements(reading: Reading) -> None:
    st.markdown("**What stands out against a neutral face**")
    if assets.find(assets.FACE_LANDMARKER) is None:
        st.caption("Needs the file of the face mesh: `python -m core fetch` gets it.")
        return
    mesh = mesh_of(reading.face.crop)
    if mesh is None:
        st.caption("The points of this face could not be found.")
    elif moved := most_moved(mesh.blendshapes):
        st.markdown(_listed(moved))
        st.caption("0 is not at all, 1 as far as it goes; left and right are the person's own.")
    else:
        st.caption("Nothing: the face is close to neutral.")


def _listed(movements: Sequence[Movement]) -> str:
    return "\n".join(f"- {moved} :gray[(neutral faces {moved.neutral:.2f})]" for moved in movements)


def _all_models(reading: Reading) -> None:
    readings, failures = {}, []
    with st.spinner("Asking each model …"):
        for model in artifacts.installed():
            try:
                (readings[model],) = engine.recognizer(model).answer([reading.face])
            except MienError as error:
                failures.append(f"**{model}**: {error}")
    said = ", ".join(f"{model}: {one.label} {one.confidence:.0%}" for model, one in readings.items())
    st.plotly_chart(charts_why.answers(readings), config=charts.CONFIG, key="all-models", alt=f"Answers: {said}")
    st.caption("Each bar parts 100 % among the expressions. Two models that agree are not two proofs.")
    for failure in failures:
        st.warning(failure, icon=":material/warning:")


@st.cache_data(scope="session", max_entries=256, show_spinner=False)
def _explained(crop: np.ndarray, label: str, model: str) -> tuple[np.ndarray, float, float]:
    """The map, and the label's probability with the whole face and without what the map marks."""
    artifact = engine.recognizer(model).artifact
    saliency = explain(artifact, crop, label)
    region = marked_in(saliency)
    return saliency, probability(artifact, crop, label), probability(artifact, crop, label, without=region)
