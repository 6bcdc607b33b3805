"""The models that a visitor chooses from, and one recognizer of each for all visitors."""

import functools
import os

from core.inference import installed
from core.recognizer import Recognizer

CORES = os.cpu_count() or 1


def choices() -> list[tuple[str, str]]:
    """What to show and the name of each installed model, the default first."""
    return [(_described(name), name) for name in installed.installed()]


@functools.cache
def recognizer(model: str) -> Recognizer:
    """The one that reads with this model.

    Raises:
        MienError: there is no such model, or a file that it needs cannot be had.
    """
    return Recognizer(model)


def _described(name: str) -> str:
    accuracy = installed.installed()[name].metrics.get("private_test", {}).get("accuracy")
    return name + (f" · {accuracy * 100:.0f} % right on FER2013" if accuracy else "")
