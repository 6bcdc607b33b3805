"""Reading pictures: bytes, a path or an array to RGB pixels, upright, opaque, eight bits a channel, of bounded size."""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from pathlib import Path

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

with contextlib.suppress(ImportError):
    importlib.import_module("pillow_jxl")  # JPEG XL, where people have added it to their Pillow

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
if "JXL" in Image.OPEN:
    _FORMATS += ("JXL",)
_KNOWN = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP, TIFF, PPM or JPEG 2000"

PICTURE_SUFFIXES = frozenset(
    suffix
    for suffix, name in Image.EXTENSION.items()
    if name in (*_FORMATS, "MPO")  # MPO: a JPEG with more behind it
)
"""Suffixes of the files that count as pictures in a folder, in lower case: all that the decoder reads."""


def pictures_in(folder: str | Path) -> Listing:
    """List the pictures in a folder and in the folders below it, and what was passed over.

    Raises:
        ImageError: The folder may not be opened.
    """
    try:
        return files_in(Path(folder), PICTURE_SUFFIXES)
    except OSError as error:
        raise ImageError(f"Cannot read {folder}: {error.strerror or error}; check its name and permissions.") from error


def read_image(source: bytes | str | Path | np.ndarray) -> np.ndarray:
    """Decode a picture.

    The camera's orientation tag is applied, transparent parts become white, sixteen bits are scaled to eight, and the
    first frame of an animation is taken. A file that was cut short is refused: half a face would be read with
    confidence.

    Args:
        source: Bytes or path of an image file, or a uint8 array: grey (h, w), RGB (h, w, 3) or RGBA (h, w, 4).

    Returns:
        Uint8 array (h, w, 3), RGB. An RGB array comes back as it is, not copied.

    Raises:
        ImageError: The source is no picture of at most 20 MB, 50 megapixels and 65,535 pixels a side.

    Examples:
        >>> read_image(np.zeros((4, 6), np.uint8)).shape
        (4, 6, 3)
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, bytes):
        return _decode(source, "this picture")
    if isinstance(source, str | Path):
        return _decode(_file_bytes(Path(source)), str(source))
    raise ImageError(f"A picture is given as bytes, a path or a NumPy array, not as {type(source).__name__}.")


def _from_array(array: np.ndarray) -> np.ndarray:
    shape = array.shape
    is_picture = array.ndim == 2 or (array.ndim == 3 and shape[2] in (3, 4))
    if array.dtype != np.uint8 or not is_picture or array.size == 0:
        raise ImageError(
            f"An array of {array.dtype} with shape {shape} is no picture: "
            "give uint8 of shape (h, w), (h, w, 3) or (h, w, 4)."
        )
    _check_pixels(shape[1], shape[0], "this array")
    if array.ndim == 3 and shape[2] == 3:
        return array
    return _rgb(Image.fromarray(array))


def _file_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ImageError(f"Cannot read {path}: it is a folder; name a picture in it.")
        if not path.exists():
            raise ImageError(f"Cannot read {path}: there is no such file; check the name.")
        if not path.is_file():  # a pipe or a device could go on for ever
            raise ImageError(f"Cannot read {path}: it is not a regular file; choose a picture.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ImageError(f"Cannot read {path}: {error.strerror or error}; check its name and permissions.") from error


def _decode(data: bytes, where: str) -> np.ndarray:
    if not data:
        raise ImageError(f"Cannot read {where}: it is empty; choose another file.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"Cannot read {where}: it is larger than {MAX_BYTES // 10**6} MB; save a smaller copy of it.")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # about slips in the file
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_pixels(*image.size, where)
                image.load()
                return _rgb(_upright(image))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels(where) from error
    except UnidentifiedImageError as error:
        raise ImageError(f"Cannot read {where}: it is no picture that Mien knows; give it as {_KNOWN}.") from error
    except ImageError:
        raise
    except Exception as error:  # a damaged file makes Pillow's decoders raise almost anything
        raise ImageError(f"Cannot read {where}: the file is damaged or cut short; fetch or export it again.") from error


def _check_pixels(width: int, height: int, where: str) -> None:
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


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return np.array(image.convert("RGB"))


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale grey of sixteen bits; Pillow's own conversion clips it to white. Mode "I" holds a sixteen-bit PGM."""
    grey = np.asarray(image)
    if grey.min() < 0 or grey.max() > 0xFFFF:
        raise ValueError("grey of 32 bits has no agreed white")
    return Image.fromarray((grey >> 8).astype(np.uint8))
