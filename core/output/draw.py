"""Drawing a frame's readings onto its picture."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from ..labels import LABEL_SETS
from ..readings import Face, Frame, Reading
from .provenance import KEY, Provenance

UNSURE_COLOUR = "#2B2F36"
"""Hex colour of an unsure reading: no label's own, so that none is suggested."""

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def annotate(picture: np.ndarray, frame: Frame) -> np.ndarray:
    """A copy of the picture with a box and a caption on every face.

    Args:
        picture: Uint8 RGB (height, width, 3); it is not changed.
        frame: The frame that was read from this picture.

    Returns:
        Uint8 RGB (height, width, 3).

    Examples:
        >>> annotate(np.zeros((60, 80, 3), np.uint8), Frame(80, 60, readings=())).shape
        (60, 80, 3)
    """
    height, width = picture.shape[:2]
    drawn = picture.copy()
    line = max(1, round(max(width, height) / 320))
    boxes = [_corners(reading.face, (width, height)) for reading in frame.readings]
    for box, reading in zip(boxes, frame.readings, strict=True):
        _outline(drawn, box, colour_of(reading), line)
    taken = list(boxes)
    for place, (box, reading) in enumerate(zip(boxes, frame.readings, strict=True), start=1):
        text = f"{place if reading.number is None else reading.number} {reading.answer.words}"
        plate = _plate(text, colour_of(reading), width, max(12, round(max(width, height) / 38)), line)
        taken.append(_lay(drawn, plate, box, taken))
    return drawn


def annotated_png(picture: np.ndarray, frame: Frame, made_by: Provenance | None = None) -> bytes:
    """The picture of `annotate` as a PNG file, in which a text of the name `provenance.KEY` says what read it.

    Args:
        picture: Uint8 RGB (height, width, 3).
        frame: The frame that was read from this picture.
        made_by: Provenance of the readings, for the file's metadata.
    """
    notes, stream = PngInfo(), io.BytesIO()
    if made_by:
        notes.add_itxt(KEY, made_by.text())
    Image.fromarray(annotate(picture, frame)).save(stream, "PNG", pnginfo=notes)
    return stream.getvalue()


def caption(number: int, reading: Reading) -> str:
    """What a page says of a face: "Face 1: happy, 97%", or "Face 2: unsure (perhaps sad, 42%)"."""
    return f"Face {number}: {reading.answer.words}"


def colour_of(reading: Reading) -> str:
    """The hex colour of a reading: that of its label, or `UNSURE_COLOUR`."""
    label_set = LABEL_SETS[next(iter(reading.answers))]
    return UNSURE_COLOUR if reading.unsure else label_set.colours[reading.label]


def cut_out(picture: np.ndarray, face: Face, side: int = 192) -> np.ndarray:
    """A face with a little of what is around it, as a square picture.

    Args:
        picture: Uint8 RGB (height, width, 3).
        face: A face of the picture.
        side: Side length of the square, in pixels.

    Returns:
        Uint8 RGB (side, side, 3).
    """
    x, y, w, h = face.box
    half = max(w, h) * 0.62
    box = (x + w / 2 - half, y + h / 2 - half, x + w / 2 + half, y + h / 2 + half)
    height, width = picture.shape[:2]
    left, top, right, bottom = np.clip(np.round(box), 0, (width, height, width, height)).astype(int)
    seen = Image.fromarray(picture[top : max(bottom, top + 1), left : max(right, left + 1)])
    return np.asarray(seen.resize((side, side), Image.Resampling.LANCZOS, box=_centred_square(seen.size)))


def _centred_square(size: tuple[int, int]) -> Rectangle:
    side = min(size)
    left, top = (size[0] - side) / 2, (size[1] - side) / 2
    return left, top, left + side, top + side


def _corners(face: Face, size: tuple[int, int]) -> Rectangle:
    """The face's box, as far as it lies in the picture."""
    x, y, w, h = face.box
    right, bottom = size[0] - 1, size[1] - 1
    left, top = min(max(x, 0), right), min(max(y, 0), bottom)
    return left, top, max(left, min(x + w, right)), max(top, min(y + h, bottom))


def _outline(picture: np.ndarray, box: Rectangle, colour: str, line: int) -> None:
    """Draw a coloured frame between two thin pale ones, which set it off from any background."""
    left, top, right, bottom = np.round(box).astype(int) + np.array([0, 0, 1, 1])
    rim = max(1, line // 3)
    for inset, width, ink in ((0, line + 2 * rim, "white"), (rim, line, colour)):
        frame = picture[top + inset : bottom - inset, left + inset : right - inset]
        for edge in (frame[:width], frame[-width:], frame[:, :width], frame[:, -width:]):
            edge[:] = ImageColor.getrgb(ink)


# A stream says the same of a face in many pictures, and writing it takes longer than all else that is drawn.
@functools.lru_cache(maxsize=64)
def _plate(text: str, colour: str, widest: int, wanted: int, line: int) -> np.ndarray:
    """The text on a plate of its own, uint8 RGBA (height, width, 4).

    Args:
        text: The text.
        colour: Hex colour of the plate.
        widest: Greatest width, in pixels.
        wanted: Font size, where the text fits.
        line: Width of the lines on the picture, in pixels.
    """
    font, text = _fitting(text, widest, wanted)
    pad = max(1, round(font.size / 4))
    ascent, descent = font.getmetrics()
    size = round(font.getlength(text)) + 2 * pad + 1, ascent + descent + pad + 1
    plate = Image.new("RGBA", size)
    draw = ImageDraw.Draw(plate)
    edge = (0, 0, size[0] - 1, size[1] - 1)
    draw.rounded_rectangle(edge, radius=pad, fill=colour, outline="white", width=max(1, line // 3))
    draw.text((pad, pad / 2), text, font=font, fill=_ink(colour))
    return np.asarray(plate)


def _lay(picture: np.ndarray, plate: np.ndarray, box: Rectangle, taken: list[Rectangle]) -> Rectangle:
    """Lay a plate on the picture in the free place nearest to the box, and return that place."""
    (h, w), (height, width) = plate.shape[:2], picture.shape[:2]
    place = min(_places(box, w, h, width, height), key=lambda place: _covered(place, taken))
    left, top = round(place[0]), round(place[1])
    under = picture[top : top + h, left : left + w]
    over = plate[: under.shape[0], : under.shape[1]]
    opaque = over[..., 3:] / 255
    under[:] = np.round(over[..., :3] * opaque + under * (1 - opaque))
    return place


def _fitting(text: str, width: int, wanted: int) -> tuple[ImageFont.FreeTypeFont, str]:
    """The largest font in which the text fits the width; where none does, the text loses its last words."""
    words = text.split(" ")
    for shorter in (text, " ".join(words[:2]).rstrip(","), words[0]):
        for size in range(wanted, 8, -1):
            font = ImageFont.load_default(size)
            if font.getlength(shorter) + size <= width:
                return font, shorter
    return ImageFont.load_default(9), words[0]


def _places(box: Rectangle, w: float, h: float, width: int, height: int) -> Iterator[Rectangle]:
    """Places for a plate, best first, each inside the picture: above the box, below it, inside it above and below."""
    left, top, right, bottom = box
    for y in (top - h, bottom, top, bottom - h):
        for x in (left, right - w):
            x_in, y_in = max(0, min(x, width - w)), max(0, min(y, height - h))
            yield x_in, y_in, x_in + w, y_in + h


def _covered(place: Rectangle, taken: list[Rectangle]) -> float:
    """How much of what is drawn already a place would hide, in square pixels."""
    return sum(
        max(0, min(place[2], other[2]) - max(place[0], other[0]))
        * max(0, min(place[3], other[3]) - max(place[1], other[1]))
        for other in taken
    )


def _ink(plate: str) -> str:
    """Black or white, whichever is easier to read on a plate of this colour (WCAG 2 relative luminance)."""
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in ImageColor.getrgb(plate)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.179 else "white"
