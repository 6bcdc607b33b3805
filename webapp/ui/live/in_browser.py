"""Live in the visitor's own browser: the choice between it and this server, and the component that reads there."""

import streamlit as st

from core.errors import MienError
from webapp.browser import site
from webapp.ui.shared import deployment, engine, messages

HERE, SERVER = "In this browser", "On the server"
SENTENCES = {
    HERE: "Faces are found and read by your own device: no picture leaves it, and no connection can drop.",
    SERVER: "Your camera's picture goes to this server and back. It has the face mesh, and spares a slow phone.",
}

_ADDRESS = "app/static/browser/"

# Streamlit calls the function at every run of the page, and what it returns when the component goes.
_SCRIPT = """
const mounted = new WeakMap();

export default function ({ parentElement, data }) {
  const base = new URL(data.address, document.baseURI).href;
  if (!mounted.has(parentElement)) {
    mounted.set(parentElement, import(`${base}mien.js?${data.version}`).then(({ mount }) =>
      mount(parentElement, { base, otherwise: data.otherwise })));
  }
  return () => {
    mounted.get(parentElement)?.then((remove) => remove());
    mounted.delete(parentElement);
  };
}
"""


def is_chosen() -> bool:
    """Let the viewer choose where faces are read, if a browser can; returns whether it is there."""
    models = tuple(site.models())
    if not site.can_be_had() or not models:
        if not deployment.is_public():
            st.caption(
                "To read faces in the browser itself, fetch its runtime: `python -m webapp.browser.runtime`; "
                "until then this server reads them."
            )
        return False
    with st.container(horizontal=True, vertical_alignment="center", key="live-where"):
        where = st.segmented_control(
            "Where faces are read", list(SENTENCES), default=HERE, required=True, label_visibility="collapsed"
        )
        st.caption(SENTENCES[where], width="stretch")
    if where == HERE:
        try:
            _version(models, tuple(map(engine.installed_ns, models)))
        except (MienError, OSError) as error:
            messages.show_error(f"The browser's files cannot be written, so this server reads: {error}")
            return False
    return where == HERE


def show() -> None:
    """Show the camera's picture with its faces, their bars and chart, the baseline and the recording."""
    models = tuple(site.models())
    version = _version(models, tuple(map(engine.installed_ns, models)))
    style = (site.FOLDER / "style.css").read_text(encoding="utf-8")
    component = st.components.v2.component("mien_live", js=_SCRIPT, css=style)
    component(key="live-in-browser", data={"address": _ADDRESS, "version": version, "otherwise": "read on the server"})


@st.cache_resource(max_entries=1, show_spinner=False)
def _version(models: tuple[str, ...], installed_ns: tuple[int, ...]) -> str:
    """Write the files that browsers fetch, once for all viewers; returns the version of what was written."""
    return site.write(site.FOLDER, models)
