"""A home and a cache in which nothing can be written: what is there already is used, the rest is one sentence."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def homeless(command, read_only):
    """Give a command whose home and cache are read-only."""
    places = {name: str(read_only) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with pytest.raises(OSError, match=r"Read-only|Permission"):
        (read_only / "probe").touch()

    def give(*arguments, **more):
        run = command(*arguments, more=places | {"MIEN_MODELS": str(ROOT / "models")} | more)
        assert "Traceback" not in run.stderr, run.stderr
        return run

    give.home = command.home
    return give


def test_a_picture_is_read(homeless, detector, portraits):
    run = homeless("core", "read", next(portraits.iterdir()), MIEN_ASSETS=str(detector.parent))
    assert run.returncode == 0, run.stderr
    assert "1 face" in run.stdout


def test_a_file_that_was_fetched_before_is_found_there(tmp_path, detector, portraits, request):
    assets = tmp_path / "read-only" / "mien" / "assets"
    assets.mkdir(parents=True)
    shutil.copy(detector, assets)
    run = request.getfixturevalue("homeless")("core", "read", next(portraits.iterdir()), MIEN_ASSETS="")
    assert run.returncode == 0, run.stderr


def test_a_file_that_cannot_be_kept_is_one_sentence(homeless, portraits):
    """Whatever the source sends, there is no place for it; no source is asked in vain here."""
    nowhere = {"PIP_NO_INDEX": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    run = homeless("core", "read", next(portraits.iterdir()), MIEN_ASSETS="", **nowhere)
    assert run.returncode == 2
    assert run.stderr.startswith("error: The face detector")
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_model_is_trained(homeless, cartoons):
    told = {"MIEN_MODELS": str(homeless.home / "models")}
    run = homeless("training", "train", "quick", "--data", cartoons, "--set", "epochs=1", "--set", "batch=16", **told)
    assert run.returncode == 0, run.stderr
    assert (homeless.home / "models" / "quick" / "card.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("training", "sample", "--out", "READ-ONLY/data.parquet"),
        ("training", "import", "CSV", "--out", "READ-ONLY/data.parquet"),
        ("training", "extract", "pixels", "--data", "DATA", "--jobs", "1", "--out", "READ-ONLY/pixels.parquet"),
        pytest.param(("training", "export", "flagship", "--out", "READ-ONLY/flagship.tflite"), marks=pytest.mark.slow),
        (
            "training",
            "train",
            "quick",
            "--data",
            "DATA",
            "--set",
            "batch=16",
            "--name",
            "new",
            "--run",
            "READ-ONLY/run",
        ),
        ("training", "audit", "DATA", "--out", "READ-ONLY/audit.json"),
        ("training", "audit", "DATA", "--clean", "READ-ONLY/clean.parquet"),
        ("training", "clean", "--data", "DATA", "--out", "READ-ONLY/clean.parquet"),
        ("training", "pack", "--data", "DATA", "--out", "READ-ONLY"),
        ("training", "models", "--write", "READ-ONLY/README.md"),
        ("core", "read", "PICTURE", "--out", "READ-ONLY/faces.csv"),
        ("core", "read", "PICTURE", "--save", "READ-ONLY/marked"),
        ("core", "video", "FILM", "--out", "READ-ONLY/faces.parquet"),
        ("core", "video", "FILM", "--annotate", "READ-ONLY/marked.mp4"),
    ],
    ids=lambda words: "-".join(words[1:2] + tuple(word for word in words if "READ-ONLY" in word)),
)
def test_a_target_there_is_one_sentence(words, homeless, read_only, pictures_csv, cartoons, portraits, film, detector):
    given = {"CSV": pictures_csv, "DATA": cartoons, "PICTURE": next(portraits.iterdir()), "FILM": film}
    run = homeless(*(str(given.get(word, word)).replace("READ-ONLY", str(read_only)) for word in words))
    assert run.returncode == 2, run.stderr
    assert run.stderr.count("error: ") == 1
    assert str(read_only) in run.stderr
