"""Datasets: readers of source layouts, and the one Parquet file they end in."""

from __future__ import annotations

from training.datasets.dataset import SPLITS, Dataset
from training.datasets.sample import Sample
from training.datasets.writer import write_dataset

__all__ = ["SPLITS", "Dataset", "Sample", "write_dataset"]
