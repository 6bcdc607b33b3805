import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from training.audit.duplicates import copies
from training.audit.statistics import blank
from training.commands.data import audit
from training.datasets.importing import import_sources
from training.datasets.index import Rows
from training.errors import TrainingError

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(audit)


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, TrainingError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_the_page_of_text(flawed):
    text = run(flawed.path)
    assert text.startswith("flawed.parquet: 12 images")
    assert "1 blank images" in text
    assert "1 public-test images are exact copies of one of training" in text
    assert "2 training images are exact copies of another of their split" in text
    assert "1 pairs look the same" in text
    assert "3 test images leak" in text
    assert "80.0% have the label" in text
    assert "row 8: fear, rather surprise" in text


def test_figures_and_the_clean_copy(flawed, tmp_path):
    out, clean = tmp_path / "audit.json", tmp_path / "clean.parquet"
    assert "9 images written" in run(flawed.path, "--out", out, "--clean", clean)
    figures = json.loads(out.read_text())
    assert figures["blank"] == [10]
    assert figures["leaked"] == [4, 7, 8]
    assert figures["near"] == [{"rows": [2, 9], "across": True, "differ": False}]
    assert figures["copies"]["public-test"]["training"] == 1
    assert figures["agreement"]["table"]["sad"]["happy"] == 1
    assert figures["mesh"] == []
    assert "a clean copy: 3 images were left out" in run(clean)


def test_a_dataset_without_votes_or_copies(dataset):
    text = run(dataset)
    assert "have the label" not in text
    assert "0 test images leak" in text


def test_a_place_that_cannot_be_written_is_named(flawed, tmp_path):
    with pytest.raises(TrainingError, match=r"cannot be written .*--out"):
        run(flawed.path, "--out", tmp_path / "nowhere" / "audit.json")


@pytest.mark.slow
def test_the_real_fer2013(tmp_path, mien_data):
    """What is known of it: twelve blank images, and its copies across splits."""
    out = tmp_path / "fer2013.parquet"
    import_sources([Path(mien_data) / "data" / "fer2013.csv.gz"], out)
    rows = Rows.load(out)
    assert len(blank(rows)) == 12
    found = copies(rows)
    assert found.loc["public-test", "training"] == 280
    assert found.loc["private-test", "training"] == 288
    assert found.loc["private-test", "public-test"] == 44
