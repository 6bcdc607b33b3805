"""What somebody says about a model from elsewhere, in words: the pictures that it takes and the labels it gives."""

from __future__ import annotations

import re

from core.inference.adopted import IGNORED
from core.inference.pictures import LARGEST_SIDE, PictureForm
from core.labels import FER7, UnknownLabelError
from training.errors import TrainingError

_NUMBER = r"-?\d*\.?\d+"
_NUMBERS = rf"{_NUMBER}(?: ?, ?{_NUMBER})*"
_INPUT = re.compile(
    rf"(\d+)x(\d+) (grey|gray|rgb|bgr) ({_NUMBER})\.\.({_NUMBER})"
    rf"(?: mean ({_NUMBERS}))?(?: (?:std|deviation) ({_NUMBERS}))?",
    re.IGNORECASE,
)
_LEAST_SIDE = 8


def parse_input(text: str) -> PictureForm:
    """Parse a description of an input, such as "48x48 grey 0..1" or "224x224 rgb 0..1 mean 0.5,0.5,0.5 std 0.25".

    The range is that of a pixel from black to white. A mean is taken off and the rest divided by a deviation: one
    number for all channels, or one for each in the order of the model's channels.

    Raises:
        TrainingError: The text is not of that form.
    """
    if match := _INPUT.fullmatch(" ".join(text.split())):
        height, width, low, high = int(match[1]), int(match[2]), float(match[4]), float(match[5])
        channels = 1 if match[3].lower().startswith("gr") else 3
        mean, deviation = (_for_channels(numbers, channels) for numbers in match.group(6, 7))
        if (
            min(height, width) >= _LEAST_SIDE
            and max(height, width) <= LARGEST_SIDE
            and low < high
            and None not in (mean, deviation)
            and 0 not in deviation
        ):
            return PictureForm(height, width, channels, low, high, mean, deviation)
    raise TrainingError(
        f'--input "{text}": give height x width, grey, rgb or bgr, the range of a pixel and, where the model needs '
        'them, the mean and deviation of each channel, such as "48x48 grey 0..1", "224x224 rgb -1..1" or '
        '"224x224 rgb 0..1 mean 0.485,0.456,0.406 std 0.229,0.224,0.225"'
    )


def _for_channels(text: str | None, channels: int) -> tuple[float, ...] | None:
    """One number for each channel, none for no text, and None for another number of numbers."""
    numbers = tuple(map(float, text.split(","))) if text else ()
    numbers = numbers * channels if len(numbers) == 1 else numbers
    return numbers if len(numbers) in (0, channels) else None


def parse_labels(text: str) -> tuple[str, ...]:
    """Parse labels in any known spelling, separated by commas; `IGNORED` stays as it is.

    Returns:
        Labels of `FER7`, in the order of the text.

    Raises:
        TrainingError: A label is unknown or given twice, or there are fewer than two.
    """
    names = [name.strip() for name in text.split(",")]
    try:
        labels = tuple(name if name == IGNORED else FER7.labels[FER7.index(name)] for name in names)
    except UnknownLabelError as error:
        raise TrainingError(f"--labels: {error}; {IGNORED} stands for an answer that is to be left out") from None
    known = [label for label in labels if label != IGNORED]
    if len(set(known)) != len(known):
        raise TrainingError(f"--labels {text}: {max(known, key=known.count)} is given twice; give it once")
    if len(known) < 2:
        raise TrainingError(f"--labels {text}: name at least two expressions, in the order of the model's answers")
    return labels
