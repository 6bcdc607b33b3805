"""Datasets: readers of the usual layouts, and the Parquet file that all of them become."""

from __future__ import annotations

from training.datasets.dataset import SPLITS, Dataset
from training.datasets.parquet import dataset_hash, write_dataset
from training.datasets.sample import Sample

__all__ = ["SPLITS", "Dataset", "Sample", "dataset_hash", "write_dataset"]
