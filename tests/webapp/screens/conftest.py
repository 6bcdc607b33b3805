"""What the tests of the Dataset page share."""

from pathlib import Path

import numpy as np
import pytest

from training.datasets import Sample, write_dataset
from training.datasets import index as rows_module
from training.datasets.cartoon import draw_sample, write_sample
from training.runs import mlflow_runs
from training.runs.folder import write_history
from training.runs.log import RunLog

EPOCHS = [
    {"epoch": 1, "loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.25, "seconds": 60},
    {"epoch": 2, "loss": 1.0, "val_loss": 1.5, "val_accuracy": 0.5, "seconds": 60},
]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIEN_DATASETS", raising=False)
    monkeypatch.setattr(rows_module, "CACHE", tmp_path / "cache")
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Seventy cartoons, two of which leak into the test splits, and a blank picture; people's votes with them."""
    path = tmp_path_factory.mktemp("made") / "made.parquet"
    drawn = list(draw_sample(70))
    first = next(sample for sample in drawn if sample.split == "training")
    leaks = [Sample(first.image, first.label, split, first.votes) for split in ("public-test", "private-test")]
    write_dataset([*drawn, *leaks, Sample(np.zeros((48, 48), np.uint8), 6, "training")], path)
    return path.read_bytes()


@pytest.fixture
def with_dataset(workplace, made):
    """The dataset in the folder `data` of the workplace."""
    Path("data").mkdir()
    Path("data/made.parquet").write_bytes(made)


@pytest.fixture
def dataset_page(workplace, open_page):
    """Open the Dataset page as a new visitor."""
    return lambda: open_page("dataset").settled()


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """A folder with three runs in MLflow: two that are over, and one that was killed."""
    folder = tmp_path_factory.mktemp("logged")
    (folder / "data").mkdir()
    write_sample(folder / "data" / "cartoons.parquet", 35, seed=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        tags = {"mien.dataset.name": "cartoons.parquet"}
        for name, settings in (
            ("one", {"recipe": "quick", "epochs": 2}),
            ("two", {"recipe": "quick", "epochs": 3}),
            ("svm", {"recipe": "mesh-svm"}),
        ):
            run = Path("runs") / name
            with mlflow_runs.locked(run), RunLog(run, name, settings, tags) as log:
                log.is_over = name != "svm"
                if name != "svm":
                    write_history(run, EPOCHS)
                    log.epochs(EPOCHS)
    return folder
