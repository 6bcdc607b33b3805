"""What can go wrong in the workshop through a user's input."""

from core.errors import MienError


class DatasetError(MienError):
    """A source or dataset file that cannot be used; the message says what, where, and what to do."""


class TrainingError(MienError):
    """A training, evaluation or export that cannot start; the message says what to do."""
