"""Errors that a user's input to the workshop can cause; every message is one sentence that says what to do."""

from core.errors import MienError


class DatasetError(MienError):
    """A source or dataset file cannot be used."""


class TrainingError(MienError):
    """A training, an evaluation or an export cannot be done."""
