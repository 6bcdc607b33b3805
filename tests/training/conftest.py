"""Small made-up FER2013 files, and folders of pictures."""

import gzip

import cv2
import numpy as np
import pytest

from core.labels import FER7

USAGES = ("Training", "PublicTest", "PrivateTest")


def face_like(label, rng):
    """A 48x48 grey picture that differs by class: a bright bar at the class's height, in noise."""
    image = rng.integers(0, 120, (48, 48))
    image[4 + 6 * label : 8 + 6 * label, 8:40] = 220
    return image.astype(np.uint8)


@pytest.fixture(scope="session")
def fer2013_rows():
    """Rows of (label, image, usage): 20 Training, 5 PublicTest and 5 PrivateTest of each class, mixed."""
    rng = np.random.default_rng(0)
    rows = [
        (label, face_like(label, rng), usage)
        for usage, count in zip(USAGES, (20, 5, 5), strict=True)
        for label in range(len(FER7))
        for _ in range(count)
    ]
    return [rows[i] for i in rng.permutation(len(rows))]


def csv_of(rows):
    """The rows in Kaggle's form."""
    lines = [f"{label},{' '.join(map(str, image.ravel()))},{usage}" for label, image, usage in rows]
    return "\n".join(["emotion,pixels,Usage", *lines]) + "\n"


@pytest.fixture(scope="session")
def fer2013_csv(tmp_path_factory, fer2013_rows):
    """`fer2013.csv` and, beside it, `fer2013.csv.gz`."""
    path = tmp_path_factory.mktemp("source") / "fer2013.csv"
    path.write_text(csv_of(fer2013_rows))
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    return path


@pytest.fixture(scope="session")
def ferplus_csv(tmp_path_factory, fer2013_rows):
    """FER+ votes for the same rows: nine for the label, one for "unknown"."""
    names = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
    header = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
    lines = ["Usage,Image name," + ",".join(header)]
    for label, _, usage in fer2013_rows:
        votes = {names[label]: 9, "unknown": 1}
        lines.append(f"{usage},," + ",".join(str(votes.get(name, 0)) for name in header))
    path = tmp_path_factory.mktemp("votes") / "fer2013new.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def dataset(tmp_path_factory, fer2013_csv):
    """The same as a dataset file, without votes."""
    from training.datasets import write_dataset
    from training.datasets.sources import read_source

    path = tmp_path_factory.mktemp("data") / "small.parquet"
    with read_source(fer2013_csv) as source:
        write_dataset(source.samples, path)
    return path


@pytest.fixture
def run_command():
    """Run `python -m training` with some arguments in this process; returns its stdout, raises its errors."""
    from typer.testing import CliRunner

    from core.errors import MienError
    from training.commands.main import app

    def run(*arguments):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        if isinstance(result.exception, MienError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.fixture
def make_pictures(tmp_path):
    """Write pictures of different pixels below a folder: `make_pictures("train/happy/1.png", ..., side=48)`."""

    def make(*names, root=None, side=48):
        root = root or tmp_path / "pictures"
        for name in names:
            rng = np.random.default_rng(list(name.encode()))
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(path), rng.integers(0, 256, (side, side, 3), np.uint8))
        return root

    return make
