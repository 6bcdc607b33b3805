import numpy as np

from core.mediapipe_guard import load_vision
from core.movements import NAMES, mirror


def test_the_names_are_those_of_mediapipe_in_its_order():
    load_vision()
    from mediapipe.tasks.python.vision.face_landmarker import Blendshapes

    ours = [name.lower().lstrip("_") for name in NAMES]
    assert ours == [shape.name.replace("_", "").lower() for shape in sorted(Blendshapes)]


def test_left_becomes_right_and_comes_back():
    order = mirror()
    assert NAMES[order[NAMES.index("mouthSmileLeft")]] == "mouthSmileRight"
    assert NAMES[order[NAMES.index("jawOpen")]] == "jawOpen"
    np.testing.assert_array_equal(order[order], np.arange(52))
