"""The page's texts, theme, sizes and sample pictures."""

from pathlib import Path

from webapp.space.gradio_setup import gr
from webapp.space.uploads import KEPT_MINUTES

INTRODUCTION = """# Mien
Find every face in a picture and see which expression it shows, and how sure the model is."""

NOTICE = f"""
**Private.** Pictures are read on this server. Uploads lie in a private temporary folder and are deleted after
{KEPT_MINUTES} minutes; what a webcam streams is never written down.

**An expression is not a feeling.** The model names what a face looks like, and it is often wrong.

**Not for judging people.** In the EU, inferring emotions at work or in education is prohibited (AI Act, Art. 5(1)(f)).
Where it is lawful, the people in the picture must be told."""

CONSENT = "Everyone in view of the camera knows about this and agrees."

# Gradio's default weights, 400 and 600, name a file with 55 characters only.
_FONT = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))

THEME = gr.themes.Default(primary_hue="blue", secondary_hue="blue", font=[_FONT, "system-ui", "sans-serif"])

# Charts get the page's text colour, light or dark, and no toolbar, because there is nothing to zoom into.
CSS = """
.js-plotly-plot text { fill: var(--body-text-color) !important }
.modebar-container { display: none }
.small p { font-size: var(--text-sm) }
.screen img { width: 100%; max-height: min(420px, 80vw); object-fit: contain }
.face { max-width: 440px }
"""

PICTURE_HEIGHT = "min(420px, 80vw)"

GALLERY = {"height": "min(420px, 60vw)", "columns": 3, "object_fit": "contain"}


FOLDER = Path(__file__).parent / "samples"

NOTE = "Eileen Collins, astronaut (photograph: NASA, public domain); the others are drawn by Mien."


def paths() -> list[str]:
    """Return the paths of the sample pictures, the photograph first."""
    return sorted(map(str, FOLDER.iterdir()))
