import io
import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks.pictures import heic
from core import images
from core.errors import ImageError
from core.images import PICTURE_SUFFIXES, pictures_in, read_image


def encoded(image, format_, **options):
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def picture():
    """Smooth enough that JPEG keeps it, and different at every corner."""
    rows, columns = np.mgrid[0:24, 0:40]
    return np.stack([rows * 10, columns * 6, (rows + columns) * 4], axis=-1).astype(np.uint8)


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("PPM", {}),
        ("TIFF", {}),
        ("WEBP", {"lossless": True}),
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("AVIF", {"quality": 95}),
        ("JPEG2000", {}),
    ],
)
def test_every_known_format(picture, format_, options):
    read = read_image(encoded(Image.fromarray(picture), format_, **options))
    assert read.dtype == np.uint8
    assert read.shape == picture.shape
    assert np.abs(read.astype(int) - picture).mean() < 3


def test_heic_as_phones_write_it(picture, tmp_path):
    large = np.tile(picture, (4, 4, 1))
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(heic(large))
    read = read_image(path)
    assert (read.dtype, read.shape) == (np.uint8, large.shape)
    assert np.abs(read.astype(int) - large).mean() < 5
    with pytest.raises(ImageError, match="damaged or cut short"):
        read_image(path.read_bytes()[:-200])


def test_a_path_as_path_or_text(picture, tmp_path):
    path = tmp_path / "Grüße 1.png"
    Image.fromarray(picture).save(path)
    assert (read_image(path) == picture).all()
    assert (read_image(str(path)) == picture).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_tag_is_obeyed(picture, orientation):
    turn_back = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turn_back[orientation](picture)))
    assert (read_image(encoded(stored, "PNG", exif=exif)) == picture).all()


def test_a_damaged_exif_block_harms_no_pixel(picture):
    assert (read_image(encoded(Image.fromarray(picture), "PNG", exif=b"Exif\0\0II*\0\xff\xff")) == picture).all()


def test_transparency_is_laid_on_white():
    half = Image.new("RGBA", (2, 2), (0, 0, 0, 128))
    assert (read_image(encoded(half, "PNG")) == 127).all()
    palette = Image.new("P", (2, 2), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    assert (read_image(encoded(palette, "PNG", transparency=1)) == 255).all()
    assert (read_image(encoded(palette, "PNG")) == (255, 0, 0)).all()


def test_sixteen_bits_are_scaled_not_clipped():
    grey = np.array([[0, 257, 32768, 65535]], np.uint16)
    for data in (
        encoded(Image.fromarray(grey), "PNG"),
        encoded(Image.fromarray(grey), "TIFF"),
        b"P5 4 1 65535\n" + grey.astype(">u2").tobytes(),
    ):
        assert (read_image(data)[0, :, 0] == [0, 1, 128, 255]).all()


def test_sixteen_bits_a_channel_in_colour():
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + struct.pack(">HHH", 65535, 32768, 257))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    assert (read_image(png) == (255, 128, 1)).all()


def test_cmyk_is_not_inverted():
    for colour, expected in (((0, 0, 0, 0), 255), ((0, 0, 0, 255), 0)):
        jpeg = encoded(Image.new("CMYK", (16, 16), colour), "JPEG")
        assert b"Adobe" in jpeg
        assert np.abs(read_image(jpeg).astype(int) - expected).max() < 4


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_gives_its_first_frame(format_):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    read = read_image(encoded(frames[0], format_, save_all=True, append_images=frames[1:]))
    assert read.shape == (8, 8, 3)
    assert read[0, 0, 0] > 200
    assert read[0, 0, 2] < 50


def test_the_suffixes_are_those_of_what_is_read(tmp_path):
    assert {
        ".jpg",
        ".jfif",
        ".jpe",
        ".png",
        ".jp2",
        ".avif",
        ".heic",
        ".hif",
        ".ppm",
        ".tif",
        ".mpo",
    } <= PICTURE_SUFFIXES
    assert not {".eps", ".psd", ".mp4", ".svg", ".pdf", ".txt", ""} & PICTURE_SUFFIXES
    for name in ("b.HEIC", "a.jfif", "._a.jfif", "notes.txt"):
        (tmp_path / name).touch()
    listing = pictures_in(tmp_path)
    assert [path.name for path in listing.wanted] == ["a.jfif", "b.HEIC"]
    assert [path.name for path in listing.passed_over] == ["notes.txt"]
    with pytest.raises(ImageError, match="nowhere"):
        pictures_in(tmp_path / "nowhere")


def test_one_pixel():
    assert read_image(encoded(Image.new("L", (1, 1), 9), "PNG")).tolist() == [[[9, 9, 9]]]


def test_bytes_that_are_no_picture(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("Not a picture at all.\n" * 50)
    with pytest.raises(ImageError, match=r"notes\.jpg: it is no picture that Mien knows"):
        read_image(path)
    with pytest.raises(ImageError, match="empty"):
        read_image(b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\x0a" + bytes(50), "JPEG XL"),
        (b"II*\0" + bytes(50), "TIFF"),
        (b"\0\0\0\x20ftypisom" + bytes(50), "is a video"),
        (b"%PDF-1.7 ...", "PDF"),
        (b'<?xml version="1.0"?><svg/>', "SVG"),
    ],
)
def test_files_that_people_take_for_pictures_are_named(data, words):
    with pytest.raises(ImageError, match=words):
        read_image(data)


def test_a_file_cut_short_is_refused(picture):
    large = Image.fromarray(np.tile(picture, (10, 10, 1)))
    for format_ in ("JPEG", "PNG", "WEBP"):
        data = encoded(large, format_)
        with pytest.raises(ImageError, match="damaged or cut short"):
            read_image(data[: len(data) // 2])


def test_paths_that_are_no_file(tmp_path):
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)
    with pytest.raises(ImageError, match="no such file"):
        read_image(tmp_path / "missing.png")
    with pytest.raises(ImageError, match="no such file"):
        read_image("a\0b.png")
    with pytest.raises(ImageError, match="too long for a path"):
        read_image("x" * 5000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="not a regular file"):
        read_image(tmp_path / "pipe.png")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(ImageError, match="Permission denied"):
        read_image(path)


def test_too_many_bytes_are_refused_before_decoding(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 100)
    with pytest.raises(ImageError, match="MB"):
        read_image(encoded(Image.effect_noise((64, 64), 50), "PNG"))


@pytest.mark.parametrize("side", [7_100, 10_000, 14_000, 60_000])
def test_a_decompression_bomb_is_refused_before_decoding(side):
    """The limit is passed, then Pillow's warning, then Pillow's error, each by the header alone."""
    header = b"P5 %d %d 255\n" % (side, side)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageError, match="50 megapixels"):
            read_image(header)


def test_too_large_an_array():
    with pytest.raises(ImageError, match="50 megapixels"):
        read_image(np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (10_000, 10_000, 3)))


@pytest.mark.parametrize("size", [(10_000_000, 1), (1, 65_536)])
def test_a_line_without_end_is_refused_before_decoding(size):
    """It has few bytes and few pixels, and a search along it took longer than a minute."""
    for source in (b"P5 %d %d 255\n" % size, np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (*size[::-1], 3))):
        with pytest.raises(ImageError, match="65,535 pixels"):
            read_image(source)


SMALL = Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3))
SEEDS = [encoded(SMALL, format_) for format_ in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "JPEG2000")]
SEEDS.append(encoded(SMALL, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"))
SEEDS.append(encoded(SMALL.convert("CMYK"), "JPEG"))
SEEDS.append(heic(np.asarray(SMALL.resize((32, 32)))))
SEEDS.append(encoded(Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 999), "PNG"))


def picture_or_error(data):
    try:
        read = read_image(data)
    except ImageError:
        return
    assert read.dtype == np.uint8
    assert read.ndim == 3
    assert read.shape[2] == 3


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", *(seed[:20] for seed in SEEDS)]))
def test_random_bytes_never_raise_anything_else(data, beginning):
    picture_or_error(beginning + data)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_mutated_files_never_raise_anything_else(data):
    mutated = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(0, len(mutated) - 1))
        mutated[position : position + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not mutated:
            return
    picture_or_error(bytes(mutated))


def test_no_temporary_file_is_left_open(tmp_path):
    path = tmp_path / "a.png"
    Path(path).write_bytes(SEEDS[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        read_image(path)
    path.unlink()
