"""Session: one viewer, or one clip, over time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionOptions:
    """What a viewer can change while the stream runs.

    Attributes:
        smoothing_s: Time constant of the smoothed probabilities, in seconds; 0 smooths nothing.
        every_s: Read expressions at most this often, in seconds; 0 reads every frame. Faces are followed in between.
        flat_prior: Count every expression as equally common, instead of as common as in the training set.
        mesh: Find the 478 points and the 52 blendshapes too.
    """

    smoothing_s: float = 0.4
    every_s: float = 0.0
    flat_prior: bool = False
    mesh: bool = False
