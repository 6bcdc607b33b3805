"""What people hand to `read_image` besides image files: arrays, numbers of all kinds, open files, names of no file."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.images import read_image


def png(picture, **options):
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG", **options)
    return stream.getvalue()


def tiff(values):
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "TIFF")
    return stream.getvalue()


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 256, (24, 40, 3), np.uint8)


def test_arrays(picture):
    assert read_image(picture) is picture
    assert (read_image(picture[..., 0]) == picture[..., :1]).all()
    alpha = np.zeros((24, 40, 1), np.uint8)
    assert (read_image(np.concatenate([picture, alpha], axis=-1)) == 255).all()
    assert (read_image(picture[::2, ::-1]) == picture[::2, ::-1]).all()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3), bool),
        np.zeros((4, 4, 3), complex),
        np.zeros((3, 5, 6), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4,), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
)
def test_an_array_that_is_no_picture(array):
    with pytest.raises(ImageError, match="uint8 of shape"):
        read_image(array)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, io.BytesIO, lambda data: Image.open(io.BytesIO(data))])
def test_bytes_open_files_and_pil_images(picture, wrap):
    assert (read_image(wrap(png(picture))) == picture).all()


def test_an_open_file_is_read_from_where_it_is(picture, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"12345" + png(picture))
    with path.open("rb") as file:
        file.seek(5)
        assert (read_image(file) == picture).all()
    with pytest.raises(ImageError, match="closed file"):
        read_image(file)
    with path.open(errors="replace") as text, pytest.raises(ImageError, match="binary mode"):
        read_image(text)


def test_a_pil_image_is_turned_upright_and_stays_as_it_is(picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(png(picture, exif=exif)))
    assert read_image(image).shape == (40, 24, 3)
    assert image.size == (40, 24)
    assert (read_image(Image.fromarray(picture).convert("P", palette=Image.Palette.ADAPTIVE)).shape) == (24, 40, 3)
    with pytest.raises(ImageError, match="no pixels"):
        read_image(Image.new("RGB", (0, 5)))
    with pytest.raises(ImageError, match="damaged or cut short"):
        read_image(Image.open(io.BytesIO(png(picture)[:-30])))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("https://example.org/a.jpg", "an address on the web"),
        (Path("HTTP://example.org/a.jpg"), "an address on the web"),
        ("data:image/jpeg;base64," + "QUJD" * 5000, "a data URI"),
        ("QUJD" * 5000, "base64"),
        ("https://example.org/" + "a" * 9000, "an address on the web"),
    ],
)
def test_what_is_no_path_is_named_as_what_it_is_and_briefly(source, words):
    with pytest.raises(ImageError, match=words) as error:
        read_image(source)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("source", [None, 7, ["a.png"]])
def test_a_source_of_another_type(source):
    with pytest.raises(ImageError, match=type(source).__name__):
        read_image(source)


RAMP = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)


@pytest.mark.parametrize("shape", [(16, 16), (16, 16, 1), (16, 16, 3), (16, 16, 4)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_from_0_to_1(shape, dtype):
    array = np.ones(shape, dtype)
    array[..., 0] = RAMP if len(shape) == 3 else 0
    array = RAMP.astype(dtype) if len(shape) == 2 else array
    assert (read_image(array)[..., 0] == np.arange(256).reshape(16, 16)).all()


@pytest.mark.parametrize(("dtype", "white"), [(np.uint16, 4095), (np.int32, 255), (np.float64, 1000.5), (np.int64, 7)])
def test_other_numbers_are_read_with_a_stated_white(dtype, white):
    array = np.array([[0, white / 2, white, white * 2, -white]]).astype(dtype, casting="unsafe")[:, :-1]
    with pytest.raises(ImageError, match=r"no agreed white; .* state the white"):
        read_image(array)
    assert np.abs(read_image(array, white=white)[0, :, 0].astype(int) - [0, 127, 255, 255]).max() <= 18


@pytest.mark.parametrize("white", [0, -1, float("nan"), float("inf")])
def test_a_white_that_is_none(white):
    with pytest.raises(ImageError, match="a number above 0"):
        read_image(RAMP, white=white)


def test_values_that_are_no_numbers():
    with pytest.raises(ImageError, match="no numbers"):
        read_image(np.where(RAMP == 1, np.nan, RAMP))


def test_a_float_tiff_is_not_turned_to_black():
    read = read_image(tiff(RAMP))
    assert (read[..., 0] == np.arange(256).reshape(16, 16)).all()
    assert (read_image(tiff(RAMP * 255)) == read).all()
    assert np.abs(read_image(RAMP * 1.05 - 0.03).astype(int) - read).max() < 10
    for white in (12, 1023, 65535):
        wide = tiff(RAMP * white)
        with pytest.raises(ImageError, match=f"go from 0 to {white}, and float32 has no agreed white"):
            read_image(wide)
        assert (read_image(wide, white=white) == read).all()
    with pytest.raises(ImageError, match="no agreed white"):
        read_image(RAMP * 4 - 2)


def test_grey_of_32_bits_has_no_white_of_its_own():
    deep = tiff(np.array([[0, 70_000, 140_000]], np.int32))
    with pytest.raises(ImageError, match="no agreed white"):
        read_image(deep)
    assert read_image(deep, white=140_000)[0, :, 0].tolist() == [0, 128, 255]
