"""The webcam in the visitor's own browser, for the Space."""

import json

from core.errors import MienError
from webapp.browser import site
from webapp.space.gradio_setup import gr

HERE, SERVER = "In this browser", "On the server"
SENTENCES = {
    HERE: "Faces are found and read by your own device: no picture leaves it.",
    SERVER: "Your camera's pictures go to this server and back, two minutes at a time; it spares a slow phone.",
}

# Gradio serves the folder by its path on the server. Its styles end at the shadow root; its colours go in.
_SCRIPT = """
const place = element.querySelector(".live");
if (!place.shadowRoot) {
  const base = new URL(`gradio_api/file=${%s}/`, document.baseURI).href;
  const root = place.attachShadow({ mode: "open" });
  root.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}style.css` }));
  import(`${base}mien.js`).then(({ mount }) => mount(root, { base, otherwise: "read on the server" }));
}
"""

_COLOURS = """
.live {
  --st-border-color: var(--border-color-primary);
  --st-font: var(--font);
  --st-primary-color: var(--color-accent);
  --st-secondary-background-color: var(--background-fill-secondary);
  --st-text-color: var(--body-text-color);
}
"""


def show() -> gr.HTML | None:
    """Put the part that reads in the browser into the page; None where it cannot be had, and the server reads."""
    names = site.models()
    if not site.can_be_had() or not names:
        return None
    try:
        site.write(site.FOLDER, names)
    except (MienError, OSError):
        return None
    gr.set_static_paths(site.FOLDER)
    script = _SCRIPT % json.dumps(str(site.FOLDER))
    return gr.HTML(html_template='<div class="live"></div>', css_template=_COLOURS, js_on_load=script)
