"""Reading pictures: whatever holds one to RGB pixels, upright, opaque, eight bits a channel, of bounded size."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pi_heif
from PIL import (  # the plugins that Pillow would else import at the first picture of their kind
    AvifImagePlugin,  # noqa: F401
    Image,
    ImageOps,
    Jpeg2KImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from .errors import ImageError
from .runtime.listing import Listing, files_in

MAX_BYTES = 20_000_000
"""Size of the largest picture file that is read, in bytes."""

MAX_PIXELS = 50_000_000
"""Number of pixels of the largest picture that is read."""

MAX_SIDE = 65_535
"""Longest side of a picture that is read, in pixels: a JPEG's limit; longer lines would be searched for minutes."""

pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
Image.preinit()

# What cameras, phones and browsers write. Pillow opens more, some of it (EPS) by starting other programs.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000", "HEIF")
_JPEG_XL = ("JXL",)  # where the program has given Pillow a decoder for it
_KNOWN = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP, TIFF, PPM or JPEG 2000"

PICTURE_SUFFIXES = frozenset(
    suffix
    for suffix, name in Image.EXTENSION.items()
    if name in (*_FORMATS, *_JPEG_XL, "MPO")  # MPO: a JPEG with more behind it
)
"""Suffixes of the files that count as pictures in a folder, in lower case: all that the decoder reads."""

_WHITES = ((1.0, -0.1), (255.0, 16.0))
"""Values of full brightness that floats have, and the least maximum of a picture with it: one of 12 may be anything."""

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/+", re.IGNORECASE)  # of two letters at least: "C:/" is a drive
_SIGNATURES = (
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "it is JPEG XL, for which Pillow has no decoder here; save it as PNG or JPEG"),
    (rb"II\*\0|MM\0\*", "its pixels are stored in a rare way; save the TIFF with 8 bits a channel, or as PNG"),
    (rb"....ftyp(isom|iso\d|mp4\d|avc1|qt|M4V|3g)", "it is a video; read it with the command `video`"),
    (rb"%PDF|\s*<(svg|\?xml|!doctype|html)", "it is a document, such as PDF, SVG or HTML; export a picture of it"),
)
"""Beginnings of files that people take for pictures, and what to say of each."""


@runtime_checkable
class Readable(Protocol):
    """A file that is open for reading in binary mode, or an object that reads like one."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes from the present position on."""


Picture = bytes | bytearray | memoryview | str | os.PathLike | Readable | np.ndarray | Image.Image
"""A picture as `read_image` takes it."""


def pictures_in(folder: str | Path) -> Listing:
    """List the pictures in a folder and in the folders below it, and what was passed over.

    Raises:
        ImageError: The folder may not be opened.
    """
    try:
        return files_in(Path(folder), PICTURE_SUFFIXES)
    except OSError as error:
        raise ImageError(f"Cannot read {folder}: {error.strerror or error}; check its name and permissions.") from error


def read_image(source: Picture, white: float | None = None) -> np.ndarray:
    """Decode a picture.

    The camera's orientation tag is applied, transparent parts become white, sixteen bits are scaled to eight, and the
    first frame of an animation is taken. A file that was cut short is refused: half a face would be read with
    confidence.

    Args:
        source: Path or bytes of an image file, a file open in binary mode, a PIL image, or an array: grey (h, w) or
            (h, w, 1), RGB (h, w, 3) or RGBA (h, w, 4).
        white: Value of full brightness in an array or TIFF of other numbers than eight bits; black is 0. None takes 1
            for floats from 0 to 1 and 255 for those from 0 to 255, and refuses what might mean anything.

    Returns:
        Uint8 array (h, w, 3), RGB. A uint8 RGB array comes back as it is, not copied.

    Raises:
        ImageError: The source is no picture of at most 20 MB, 50 megapixels and 65,535 pixels a side.

    Examples:
        >>> read_image(np.zeros((4, 6), np.uint8)).shape
        (4, 6, 3)
        >>> read_image(np.full((1, 1, 3), 4095, np.uint16), white=4095).tolist()
        [[[255, 255, 255]]]
    """
    if isinstance(source, np.ndarray):
        return _from_array(source, white)
    if isinstance(source, Image.Image):
        with _errors_named("this picture"):
            return _pixels(source, "this picture", white)
    if isinstance(source, bytes | bytearray | memoryview):
        return decode(bytes(source), "this picture", white)
    if isinstance(source, str | os.PathLike):
        return decode(file_bytes(source), str(source), white)
    if isinstance(source, Readable):
        return decode(_rest_of(source), "this file", white)
    known = "a path, bytes, an open file, a PIL image or a NumPy array"
    raise ImageError(f"A picture is given as {known}, not as {type(source).__name__}.")


def file_bytes(source: str | os.PathLike) -> bytes:
    """The bytes of an image file, and no more than one more than may be read.

    Raises:
        ImageError: There is no such file, it is none that holds a picture, or it may not be read.
    """
    path = Path(source)
    try:
        if path.is_dir():
            raise ImageError(f"Cannot read {path}: it is a folder; name a picture in it.")
        if not path.exists():
            raise ImageError(_missing(str(source)))
        if not path.is_file():  # a pipe or a device could go on for ever
            raise ImageError(f"Cannot read {path}: it is not a regular file; choose a picture.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        if len(str(source)) > 255 or _ADDRESS.match(str(source)):
            raise ImageError(_missing(str(source))) from None
        raise ImageError(f"Cannot read {path}: {error.strerror or error}; check its name and permissions.") from error


def _missing(source: str) -> str:
    """A sentence about a path that leads nowhere, because it is something else or misspelt."""
    source = re.sub(r"^([a-z]+):/(?=[^/])", r"\1://", source)  # `Path` drops a slash
    start = f"Cannot read {source if len(source) <= 255 else source[:40] + '…'}:"
    if source[:5].lower() == "data:":
        return f"{start} it is a data URI; decode what follows its comma, and give the bytes."
    if _ADDRESS.match(source):
        return f"{start} it is an address on the web; download the picture, and give the file."
    if len(source) > 4096:
        return f"{start} it is too long for a path; if it is base64, decode it, and give the bytes."
    return f"{start} there is no such file; check the name."


def _rest_of(file: Readable) -> bytes:
    try:
        data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # closed, or open for writing
        raise ImageError(f"Cannot read this file: {error}; open it for reading in binary mode.") from error
    if not isinstance(data, bytes):
        raise ImageError('Cannot read this file: it gives no bytes; open it in binary mode ("rb").')
    return data


def decode(data: bytes, where: str, white: float | None = None) -> np.ndarray:
    """Decode the bytes of an image file; see `read_image`.

    Args:
        data: The whole file.
        where: Name of the file, for errors.
        white: Value of full brightness, where it is not known.

    Returns:
        Uint8 array (h, w, 3), RGB.

    Raises:
        ImageError: The bytes are no picture of at most 20 MB, 50 megapixels and 65,535 pixels a side.
    """
    if not data:
        raise ImageError(f"Cannot read {where}: it is empty; choose another file.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"Cannot read {where}: it is larger than {MAX_BYTES // 10**6} MB; save a smaller copy of it.")
    formats = [*_FORMATS, *(name for name in _JPEG_XL if name in Image.OPEN)]
    try:
        with _errors_named(where), Image.open(io.BytesIO(data), formats=formats) as image:
            return _pixels(image, where, white)
    except UnidentifiedImageError as error:
        raise ImageError(f"Cannot read {where}: {_instead_of_a_picture(data)}.") from error


def _instead_of_a_picture(data: bytes) -> str:
    said = (sentence for beginning, sentence in _SIGNATURES if re.match(beginning, data, re.IGNORECASE | re.DOTALL))
    return next(said, f"it is no picture that Mien knows; give it as {_KNOWN}")


@contextmanager
def _errors_named(where: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # about slips in the file
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels(where) from error
    except (ImageError, UnidentifiedImageError):
        raise
    except Exception as error:  # a damaged file makes Pillow's decoders raise almost anything
        raise ImageError(f"Cannot read {where}: the file is damaged or cut short; fetch or export it again.") from error


def _pixels(image: Image.Image, where: str, white: float | None) -> np.ndarray:
    _check_pixels(*image.size, where)
    image.load()
    return _rgb(_upright(image), where, white)


def _from_array(array: np.ndarray, white: float | None) -> np.ndarray:
    shape = array.shape
    is_picture = array.ndim == 2 or (array.ndim == 3 and shape[2] in (1, 3, 4))
    is_number = np.issubdtype(array.dtype, np.integer) or np.issubdtype(array.dtype, np.floating)
    if not is_number or not is_picture or array.size == 0:
        raise ImageError(
            f"An array of {array.dtype} with shape {shape} is no picture: "
            "give uint8 of shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)."
        )
    _check_pixels(shape[1], shape[0], "this array")
    if array.dtype != np.uint8:
        array = _eight_bits(array, "this array", white)
    if array.ndim == 3 and shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 3 and shape[2] == 3:
        return array
    return _rgb(Image.fromarray(array), "this array", None)


def _check_pixels(width: int, height: int, where: str) -> None:
    if not width * height:
        raise ImageError(f"Cannot read {where}: it has no pixels; choose another one.")
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(where)
    if max(width, height) > MAX_SIDE:
        raise ImageError(f"Cannot read {where}: a side has more than {MAX_SIDE:,} pixels; cut a part out of it.")


def _too_many_pixels(where: str) -> ImageError:
    limit = MAX_PIXELS // 10**6
    return ImageError(f"Cannot read {where}: it has more than {limit} megapixels; save a smaller copy of it.")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a damaged EXIF block does not say which way is up, and harms no pixel
        return image


def _rgb(image: Image.Image, where: str, white: float | None) -> np.ndarray:
    if image.mode.startswith(("I", "F")):
        image = _eight_bit_grey(image, where, white)
    if image.has_transparency_data:
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image.convert("RGBA"))
    return np.array(image.convert("RGB"))


def _eight_bit_grey(image: Image.Image, where: str, white: float | None) -> Image.Image:
    """Grey of more than eight bits, which Pillow's own conversion clips. Mode "I" holds a sixteen-bit PGM."""
    grey = np.asarray(image)
    if white is None and image.mode != "F" and grey.min() >= 0 and grey.max() <= 0xFFFF:
        return Image.fromarray((grey >> 8).astype(np.uint8))
    return Image.fromarray(_eight_bits(grey, where, white))


def _eight_bits(values: np.ndarray, where: str, white: float | None) -> np.ndarray:
    """Scale numbers from 0 to white to uint8; what lies beyond is clipped where the white was stated."""
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise ImageError(f"Cannot read {where}: it holds values that are no numbers; replace them.")
    if white is None and np.issubdtype(values.dtype, np.floating):  # resizing leaves some beyond black and white
        fitting = (known for known, least in _WHITES if least <= high <= 1.1 * known and low >= -0.1 * known)
        white = next(fitting, None)
    if white is None:
        raise ImageError(
            f"Cannot read {where}: its values go from {low:g} to {high:g}, and {values.dtype} has no agreed white; "
            "scale it to 8 bits, or state the white: read_image(…, white=…)."
        )
    if not 0 < white < np.inf:
        raise ImageError(f"white={white}: full brightness is a number above 0.")
    return (np.clip(values / white, 0, 1) * 255 + 0.5).astype(np.uint8)
