"""Small whole files that fuzzing starts from: every kind of picture, dataset, pack and card that Mien reads."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, PngImagePlugin

from benchmarks.environments import ROOT
from benchmarks.fuzz.targets import DOT
from benchmarks.pictures import frame, heic, write_clip
from core.cards import CARD_FILE
from training.datasets.cartoon import draw_sample
from training.datasets.formats.fer2013 import USAGES
from training.datasets.parquet import write_dataset
from training.datasets.sample import Sample
from training.fit.examples import Examples
from training.fit.pack import write_pack
from training.fit.plan import Material

_FERPLUS_HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"


def pictures() -> dict[str, bytes]:
    """Make a picture of every format and mode, by name."""
    face = Image.fromarray(frame()[20:148, 226:354])
    grey, small = face.convert("L"), face.resize((64, 64))
    deep = np.asarray(grey).astype(np.uint16) * 257
    palette = face.quantize(64)
    turned = Image.Exif()
    turned[0x0112], turned[0x010E] = 6, "astronaut"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 200, zip=True)
    animated = {"save_all": True, "append_images": [small.rotate(90), small.rotate(180)], "duration": 40}
    alpha = small.convert("RGBA")
    alpha.putalpha(small.convert("L"))
    return {
        "PNG": _encoded(face, "PNG", pnginfo=text),
        "PNG, palette": _encoded(palette, "PNG", transparency=3),
        "PNG, alpha": _encoded(alpha, "PNG"),
        "PNG, one bit": _encoded(face.convert("1"), "PNG"),
        "PNG, 16 bit": _encoded(Image.fromarray(deep), "PNG"),
        "PNG, 16 bit, colour": cv2.imencode(".png", np.asarray(small).astype(np.uint16) * 257)[1].tobytes(),
        "PNG, animated": _encoded(small, "PNG", **animated),
        "PNG, one pixel": _encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
        "PNG, a line": _encoded(Image.new("L", (4000, 1), 99), "PNG"),
        "JPEG": _encoded(face, "JPEG", quality=88),
        "JPEG, progressive": _encoded(face, "JPEG", progressive=True, subsampling=0),
        "JPEG, EXIF": _encoded(face, "JPEG", exif=turned),
        "JPEG, grey": _encoded(grey, "JPEG"),
        "JPEG, CMYK": _encoded(small.convert("CMYK"), "JPEG"),
        "WebP": _encoded(face, "WEBP", quality=80),
        "WebP, lossless, alpha": _encoded(alpha, "WEBP", lossless=True),
        "WebP, animated": _encoded(small, "WEBP", **animated),
        "GIF": _encoded(palette, "GIF"),
        "GIF, animated": _encoded(small, "GIF", **animated),
        "BMP": _encoded(small, "BMP"),
        "BMP, palette": _encoded(small.quantize(16), "BMP"),
        "TIFF": _encoded(small, "TIFF"),
        "TIFF, LZW, 16 bit": _encoded(Image.fromarray(deep[:64, :64]), "TIFF", compression="tiff_lzw"),
        "TIFF, JPEG": _encoded(small, "TIFF", compression="jpeg"),
        "TIFF, CMYK, deflated": _encoded(small.convert("CMYK"), "TIFF", compression="tiff_adobe_deflate"),
        "TIFF, pages": _encoded(small, "TIFF", save_all=True, append_images=[small.rotate(90)]),
        "TIFF, floats": _encoded(small.convert("F"), "TIFF"),
        "TIFF, floats to 1": _encoded(Image.fromarray(np.asarray(small.convert("F")) / 255), "TIFF"),
        "PPM": _encoded(small, "PPM"),
        "PGM, 16 bit": b"P5 64 64 65535\n" + deep[:64, :64].astype(">u2").tobytes(),
        "JPEG 2000": _encoded(small, "JPEG2000"),
        "AVIF": _encoded(small, "AVIF", quality=70),
        "HEIC": heic(np.asarray(small)),
        "HEIC, a header alone": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    }


def corpus(kind: str) -> list[bytes]:
    """Make a few small files of a kind, a key of `targets.TARGETS`."""
    return _CORPORA[kind]()


def _encoded(image: Image.Image, form: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _fer2013() -> bytes:
    pixels = " ".join(["7"] * 48 * 48)
    rows = [f'{label},"{pixels}",{split}\r\n' for label, split in enumerate(USAGES)]
    return "".join(["emotion,pixels,Usage\r\n", *rows]).encode()


def _ferplus() -> bytes:
    return (_FERPLUS_HEADER + "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0\n" * 3).encode()


def _zip(content: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _archives() -> list[bytes]:
    dot = _encoded(Image.new("L", (8, 8), 50), "PNG")
    return [
        _zip({f"{split}/{name}/a.png": dot for split in ("train", "test") for name in ("happy", "sad")}),
        _zip({f"face_{name}/anna/{name}.png": dot for name in ("angry", "fear")}, zipfile.ZIP_STORED),
        _zip({"emotions.csv": b"", "images/0/Happy.png": dot, "images/1/Contempt.png": dot}, zipfile.ZIP_LZMA),
        _zip({"wrapped/fer2013.csv": _fer2013()}, zipfile.ZIP_BZIP2),
        _zip({"train\\happy\\a.png": dot, "train\\sad\\a.png": dot}),
        *(_tar({"x/happy/a.png": dot, "x/sad/a.png": dot}, mode) for mode in ("tar", "gztar", "xztar")),
    ]


def _tables() -> list[bytes]:
    rows = [{"image": "a.pgm", "label": "sad", "split": "train"}, {"image": "b.pgm", "label": "joy", "split": "test"}]
    names = {"huggingface": json.dumps({"info": {"features": {"label": {"names": ["sad", "joy"]}}}})}
    coco = {
        "images": [{"id": 1, "file_name": "a.pgm"}],
        "categories": [{"id": 2, "name": "sad"}],
        "annotations": [{"image_id": 1, "category_id": 2, "bbox": [0, 0, 1.5, 2]}],
    }
    images = pa.table({"image": [{"bytes": DOT, "path": "a.pgm"}] * 2, "label": [0, 1]})
    return [
        b"image,label,split\na.pgm,sad,train\nb.pgm,joy,test\n",
        "\ufeffpath;emotion\r\na.pgm;colère\r\nb.pgm;笑顔\r\n".encode(),
        "path\tlabel\na.pgm\tsad\nb.pgm\tjoy\n".encode("utf-16"),
        "\n".join(map(json.dumps, rows)).encode(),
        json.dumps(rows).encode(),
        json.dumps(coco).encode(),
        _written("a", lambda path: pq.write_table(pa.Table.from_pylist(rows), path)),
        _written("a", lambda path: pq.write_table(images.replace_schema_metadata(names), path)),
        b"train_00001.jpg 5\ntest_0001.jpg 1\n",
        b"a.pgm 0 0 0 2 2 99.5 3\nb.pgm 0 0 0 2 2 99.5 4\n",
    ]


def _annotations() -> list[bytes]:
    return [_written("a.npy", lambda path, value=value: np.save(path, value)) for value in (np.array("3"), np.array(1))]


def _tar(content: dict[str, bytes], mode: str) -> bytes:
    def write(path: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in content.items():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).write_bytes(data)
            Path(shutil.make_archive(str(path), mode, folder)).rename(path)

    return _written("a", write)


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def _plain() -> list[Sample]:
    images = [np.full((48, 48, 3), (level, 9, 9), np.uint8) for level in (50, 100)]
    return [Sample(image, label, "training", (1,) * 10, "made", "anna") for label, image in enumerate(images)]


def _packs() -> list[bytes]:
    images = np.stack([sample.image[..., :1] for sample in draw_sample(6)])
    return [_pack(images), _pack(np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32))]


def _pack(features: np.ndarray) -> bytes:
    whole = Examples(features, np.arange(6), np.zeros((6, 10), np.uint8))
    material = Material(Path("cartoon"), "0" * 32, {"name": "pixels", "version": 1}, whole[:4], whole[4:])
    return _written("a.npz", lambda path: write_pack(path, material))


def _clips() -> list[bytes]:
    face = Image.fromarray(frame()[20:148, 226:354]).resize((64, 64))
    return [
        _written("a.mp4", lambda path: write_clip(path, 0.005, 25, (96, 64))),
        _written("a.mkv", lambda path: write_clip(path, 0.005, 25, (96, 64))),
        _encoded(face, "GIF", save_all=True, append_images=[face.rotate(90)], duration=[100, 3000]),
    ]


_CORPORA: dict[str, Callable[[], list[bytes]]] = {
    "picture": lambda: list(pictures().values()),
    "clip": _clips,
    "FER2013 csv": lambda: [_fer2013(), gzip.compress(_fer2013())],
    "FER+ csv": lambda: [_ferplus(), gzip.compress(_ferplus())],
    "archive": _archives,
    "table": _tables,
    "FER+ list": lambda: [b'a.pgm,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0\n'],
    "YOLO boxes": lambda: [b"0 0.5 0.5 1 1\n1 0.1 0.1 0.9 0.1 0.9 0.9\n"],
    "YOLO classes": lambda: [b"nc: 2\nnames: [sad, happy]\n", b"names: {0: sad}\nx: &a [1]\ny: [*a, *a]\n"],
    "AffectNet label": _annotations,
    "CK+ label": lambda: [b"   3.0000000e+00\n"],
    "dataset file": lambda: [_written("a.parquet", lambda path: write_dataset(_plain(), path))],
    "pack": _packs,
    "card": lambda: [(ROOT / "models/quick" / CARD_FILE).read_bytes()],
}
