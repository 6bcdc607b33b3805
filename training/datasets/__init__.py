"""Datasets: readers of source layouts, and the one Parquet file they end in."""

from __future__ import annotations

from training.datasets.content_hash import dataset_hash
from training.datasets.dataset import SPLITS, Dataset
from training.datasets.sample import Sample
from training.datasets.writer import write_dataset

__all__ = ["SPLITS", "Dataset", "Sample", "dataset_hash", "write_dataset"]
