"""The page's texts, theme, sizes and sample pictures."""

from pathlib import Path

from webapp.space.gradio_setup import gr
from webapp.space.uploads import KEPT_MINUTES

INTRODUCTION = """# Mien
Find every face in a picture and see which expression it shows, and how sure the model is."""

NOTICE = f"""
**Private.** Pictures that you give are read on this server, lie in a private temporary folder and are deleted after
{KEPT_MINUTES} minutes. A webcam is read in your browser and its pictures go nowhere, unless you choose "On the server":
then they are sent here, read, and not kept.

**An expression is not a feeling.** The model names what a face looks like, and it is often wrong.

**Not for judging people.** In the EU, inferring emotions at work or in education is prohibited (AI Act, Art. 5(1)(f)).
Where it is lawful, the people in the picture must be told."""

CONSENT = "Everyone in view of the camera knows about this and agrees."

# Gradio's default weights, 400 and 600, name a file with 55 characters only.
_FONT = gr.themes.LocalFont("Source Sans Pro", weights=(400, 700))

THEME = gr.themes.Default(primary_hue="blue", secondary_hue="blue", font=[_FONT, "system-ui", "sans-serif"]).set(
    body_text_color_subdued="*neutral_600"  # 400 is a third of the contrast that WCAG asks for
)

# Charts get the page's text colour, light or dark, and no toolbar, because there is nothing to zoom into.
CSS = """
.js-plotly-plot text { fill: var(--body-text-color) !important }
.modebar-container { display: none }
.small p { font-size: var(--text-sm) }
.screen img { width: 100%; max-height: min(420px, 80vw); object-fit: contain }
/* Once the faces are marked, the camera's own picture would be the second of the same. */
.watch:has(.screen img) .camera { height: 72px !important; min-height: 0 }
.watch:has(.screen img) .camera video { position: absolute; width: 1px; height: 1px !important; opacity: 0 }
.face { max-width: 440px }
button[role="tab"][aria-selected="true"] { color: var(--link-text-color) }
.who { display: flex; align-items: center; gap: 0.75rem }
.who img { width: 64px; height: 64px; border-radius: 8px; object-fit: cover }
.icon-button, .download-link button { min-width: 24px; min-height: 24px }
"""

PICTURE_HEIGHT = "min(420px, 80vw)"

GALLERY = {"height": "min(420px, 60vw)", "columns": 3, "object_fit": "contain"}


FOLDER = Path(__file__).parent / "samples"

NOTE = "Eileen Collins, astronaut (photograph: NASA, public domain); the others are drawn by Mien."


def paths() -> list[str]:
    """Return the paths of the sample pictures, the photograph first."""
    return sorted(map(str, FOLDER.iterdir()))
