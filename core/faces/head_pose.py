"""How a head is turned: the pose in which a standard face would show its points where a mesh has them."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np

from ..readings import HeadPose
from .mesh_topology import MESH_POINTS

STANDARD_FACE_FILE = Path(__file__).with_name("standard_face.csv")
"""The standard face: x, y and z of the mesh's 468 points, a line each, in units of their mean distance from its centre.

The median over FER2013's neutral Training faces, made symmetric, so that it looks into the camera as those faces do on
average; `python -m training standard-face` writes it.
"""

DISTANCE = 15.0
"""Distance of the camera from the face, in units of the standard face: some 80 cm from a grown head.

How far a face really is cannot be seen in a picture. Of one at twice or half the distance, the pitch comes out two to
four degrees different, yaw and roll less.
"""

# Points over bone, which no expression moves far: nose and corners of the eyes, then forehead and temples.
_FIRM = (
    *(9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 362, 263),
    *(10, 151, 109, 338, 67, 297, 103, 332, 54, 284, 21, 251, 162, 389, 127, 356, 234, 454),
)

_CAMERA = np.diag([DISTANCE, DISTANCE, 1.0])  # one unit of the face is one unit of the picture


def head_pose(points: np.ndarray) -> HeadPose | None:
    """The pose of a head, from the points of its mesh in the picture's plane (perspective-n-point).

    It is measured against the line from the camera to the face: a face at the picture's edge that looks into the camera
    has yaw and pitch 0. The solution is that of SQPnP (Terzakis and Lourakis 2020).

    Args:
        points: Float (n, 3) or (n, 2), n >= 468 in MediaPipe's order, x to the right and y down, in any one unit.

    Returns:
        The pose; None where all points are the same.

    Examples:
        >>> face = standard_face()
        >>> pose = head_pose(face[:, :2] / (1 + face[:, 2:] / DISTANCE))  # as a camera at that distance shows it
        >>> abs(round(pose.yaw)), abs(round(pose.pitch)), abs(round(pose.roll))
        (0, 0, 0)
    """
    seen = np.asarray(points, np.float64)[:MESH_POINTS, :2]
    seen = seen - seen.mean(axis=0)  # the camera's axis goes through the middle of the face
    size = np.sqrt((seen**2).sum(axis=1).mean())
    if not size > 0:
        return None
    firm = list(_FIRM)
    found, turn, _ = cv2.solvePnP(standard_face()[firm], seen[firm] / size, _CAMERA, None, flags=cv2.SOLVEPNP_SQPNP)
    return _angles(cv2.Rodrigues(turn)[0]) if found else None


@functools.cache
def standard_face() -> np.ndarray:
    """The standard face, looking into the camera.

    Returns:
        Float64 (468, 3): x to the right of the picture, y down and z away from the viewer.
    """
    return np.loadtxt(STANDARD_FACE_FILE, delimiter=",", skiprows=1)


def _angles(rotation: np.ndarray) -> HeadPose:
    """The angles of a rotation (3, 3) that pitches the face first, then yaws and at last rolls it."""
    yaw = -np.degrees(np.arcsin(np.clip(-rotation[2, 0], -1, 1)))
    pitch = -np.degrees(np.arctan2(rotation[2, 1], rotation[2, 2]))
    roll = np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))
    return HeadPose(float(yaw), float(pitch), float(roll))
