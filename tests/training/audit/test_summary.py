import json
from pathlib import Path

import pytest

from training.audit.duplicates import copies
from training.audit.statistics import blank
from training.datasets.importing import import_sources
from training.datasets.index import Rows
from training.errors import TrainingError


def test_the_page_of_text(run_command, flawed):
    text = run_command("audit", flawed.path)
    assert text.startswith("flawed.parquet: 12 images")
    assert "1 blank images" in text
    assert "1 public-test images are exact copies of one of training" in text
    assert "2 training images are exact copies of another of their split" in text
    assert "1 pairs look the same" in text
    assert "3 test images leak" in text
    assert "80.0% have the label" in text
    assert "row 8: fear, rather surprise" in text


def test_figures_and_the_clean_copy(run_command, flawed, tmp_path):
    out, clean = tmp_path / "audit.json", tmp_path / "clean.parquet"
    assert "9 images written" in run_command("audit", flawed.path, "--out", out, "--clean", clean)
    figures = json.loads(out.read_text())
    assert figures["blank"] == [10]
    assert figures["leaked"] == [4, 7, 8]
    assert figures["near"] == [{"rows": [2, 9], "across": True, "differ": False}]
    assert figures["copies"]["public-test"]["training"] == 1
    assert figures["agreement"]["table"]["sad"]["happy"] == 1
    assert figures["mesh"] == []
    assert "a clean copy: 3 images left out" in run_command("audit", clean)


def test_a_dataset_without_votes_or_copies(run_command, dataset):
    text = run_command("audit", dataset)
    assert "have the label" not in text
    assert "0 test images leak" in text


def test_a_place_that_cannot_be_written_is_named(run_command, flawed, tmp_path):
    with pytest.raises(TrainingError, match=r"cannot be written .*--out"):
        run_command("audit", flawed.path, "--out", tmp_path / "nowhere" / "audit.json")


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
