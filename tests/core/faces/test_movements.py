import numpy as np

from core.faces.mesh_topology import MOVEMENT_NAMES, mirrored_movements
from core.runtime.mediapipe_guard import load_vision


def test_the_names_are_those_of_mediapipe_in_its_order():
    load_vision()
    from mediapipe.tasks.python.vision.face_landmarker import Blendshapes

    ours = [name.lower().lstrip("_") for name in MOVEMENT_NAMES]
    assert ours == [shape.name.replace("_", "").lower() for shape in sorted(Blendshapes)]


def test_left_becomes_right_and_comes_back():
    order = mirrored_movements()
    assert MOVEMENT_NAMES[order[MOVEMENT_NAMES.index("mouthSmileLeft")]] == "mouthSmileRight"
    assert MOVEMENT_NAMES[order[MOVEMENT_NAMES.index("jawOpen")]] == "jawOpen"
    np.testing.assert_array_equal(order[order], np.arange(52))
