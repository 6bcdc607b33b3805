import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.faces.head_pose import DISTANCE, head_pose, standard_face
from core.faces.mesh_topology import mirrored_points


def seen(yaw, pitch, roll, distance=DISTANCE):
    """The standard face's points in a picture, turned as `HeadPose` has it: pitched, then yawed, then rolled."""
    x, y, z = standard_face().T
    for degrees, turns in ((-pitch, "yz"), (-yaw, "zx"), (roll, "xy")):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        match turns:
            case "yz":
                y, z = c * y - s * z, s * y + c * z
            case "zx":
                z, x = c * z - s * x, s * z + c * x
            case "xy":
                x, y = c * x - s * y, s * x + c * y
    return np.column_stack([x, y]) * 50 / (1 + z[:, None] / distance)


@settings(deadline=None)
@given(
    yaw=st.floats(-60, 60),
    pitch=st.floats(-35, 35),
    roll=st.floats(-170, 170),
    scale=st.floats(0.1, 20),
    shift=st.floats(-1000, 1000),
)
def test_the_turn_of_a_head_is_found_wherever_it_is_and_however_large(yaw, pitch, roll, scale, shift):
    pose = head_pose(seen(yaw, pitch, roll) * scale + shift)
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((yaw, pitch, roll), abs=3)


@pytest.mark.parametrize("distance", [DISTANCE / 2, 2 * DISTANCE])
def test_a_wrong_guess_of_the_distance_costs_a_few_degrees(distance):
    pose = head_pose(seen(30, 10, -20, distance))
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((30, 10, -20), abs=6)


def test_a_nose_that_points_to_the_right_of_the_picture_is_a_turn_to_the_persons_left():
    nose_tip = standard_face()[1]
    assert nose_tip[2] < 0  # it is nearest to the viewer
    assert seen(40, 0, 0)[1, 0] > 10
    assert seen(0, 20, 0)[1, 1] < seen(0, 0, 0)[1, 1]  # up


def test_a_mirrored_head_turns_the_other_way():
    points = seen(25, 10, 15)
    mirror = (points * (-1, 1))[mirrored_points()]
    one, other = head_pose(points), head_pose(mirror)
    assert (other.yaw, other.pitch, other.roll) == pytest.approx((-one.yaw, one.pitch, -one.roll), abs=1e-3)


def test_the_standard_face_is_symmetric_and_looks_into_the_camera():
    face = standard_face()
    assert face.shape == (468, 3)
    np.testing.assert_allclose(face[mirrored_points()] * (-1, 1, 1), face, atol=1e-3)
    pose = head_pose(seen(0, 0, 0))
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((0, 0, 0), abs=1)


def test_points_that_are_all_the_same_have_no_pose():
    assert head_pose(np.full((478, 3), 7.0)) is None
