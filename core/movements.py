"""MediaPipe's 52 blendshapes by name, known without MediaPipe."""

from __future__ import annotations

import numpy as np

_NAMES = """
_neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight eyeLookOutLeft
eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft
jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight mouthRollLower
mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight mouthStretchLeft mouthStretchRight
mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight
"""

NAMES = tuple(_NAMES.split())
"""In MediaPipe's order, which is that of the feature `blendshapes`."""


def mirror() -> np.ndarray:
    """Int64 (52,): which movement each one is in the mirror image, left for right; a permutation that undoes itself."""
    swapped = (name.replace("Left", "-").replace("Right", "Left").replace("-", "Right") for name in NAMES)
    return np.array([NAMES.index(name) for name in swapped])
