"""The colours of the studio, told apart as WCAG asks: 4.5 to 1 for text, 3 to 1 for what is drawn."""

import tomllib
from pathlib import Path

import pytest
from PIL import ImageColor

from webapp.charts.theme import colours

THEMES = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text())["theme"]
CAPTION = 0.6  # Streamlit's opacity of a caption
TINTS = (0.1, 0.2)  # how much of the primary colour lies below a chosen button's text, and below one that is pointed at


def luminance(colour):
    channels = [value / 255 for value in ImageColor.getrgb(colour)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def over(colour, opacity, background):
    pairs = zip(ImageColor.getrgb(colour), ImageColor.getrgb(background), strict=True)
    return "#" + "".join(f"{round(opacity * above + (1 - opacity) * below):02x}" for above, below in pairs)


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [THEMES["light"], THEMES["dark"]], ids=["light", "dark"])
def test_text_is_read_on_every_ground(theme):
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], ground) >= 7
        assert contrast(over(theme["textColor"], CAPTION, ground), ground) >= 4.5
        assert contrast(theme["primaryColor"], ground) >= 4.5
    for tint in TINTS:
        below = over(theme["primaryColor"], tint, theme["backgroundColor"])
        assert contrast(theme["primaryColor"], below) >= 4.5
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 3  # the tick in a box


@pytest.mark.parametrize("theme", [THEMES["light"], THEMES["dark"]], ids=["light", "dark"])
def test_lines_and_markers_are_seen_on_every_page(theme):
    drawn = colours([str(place) for place in range(8)]).values()
    assert len(set(drawn)) == 8
    assert all(contrast(colour, theme["backgroundColor"]) >= 3 for colour in drawn)
