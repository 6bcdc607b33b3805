"""Face meshes: the points and movements of a face that was found already, by MediaPipe's networks in plain LiteRT.

A network sees the square that MediaPipe would cut out: half as large again as the box around the points, with the eyes
level. The crops of a dataset and of served pictures are aligned in the same way, and so give the same mesh.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from ..errors import AssetError
from ..readings import Face
from ..runtime import assets
from .crop_region import box_in_crop
from .geometry import apply, inverse, tilt, window
from .head_pose import head_pose
from .mesh_network import PointNetwork, large_network, movement_network, small_network
from .mesh_topology import LANDMARK_POINTS, MESH_POINTS, MOVEMENT_NAMES
from .pyramid import Pyramid, cut_patch

MARGIN = 1.5
"""Side of the square that a network sees, in sides of the face's box."""

POSSIBLE = 0.002
"""Probability of a face from which a look is believed. It can be low: that there is a face is known as a rule, and only
where its points lie is asked; other looks at a face that a network doubts do not place its points any better. In noise
and on plain grey it sees a face with 0.00002 at most."""

MOST_FACES = 4
"""How many faces of a stream's picture get a mesh, the largest: each costs some milliseconds."""

_OTHERS = ((0.85, 0), (1.2, 0), (1, -15), (1, 15), (0.7, 0))
"""Other squares in which to look where no face is seen: side, in sides of the first, and turn in degrees."""

_OUTER_CORNERS = (33, 263)  # of the eyes

Cut = Callable[[np.ndarray, int], np.ndarray]
"""Cuts the patch out of a picture to which a map of `geometry` leads, of a side length in pixels."""


@dataclass(frozen=True)
class Region:
    """A square of a picture, in pixels of the picture.

    Attributes:
        centre: Centre, (x, y).
        side: Side length.
        turn: Rotation, in degrees, clockwise in the picture.
    """

    centre: tuple[float, float]
    side: float
    turn: float = 0.0

    @classmethod
    def around(cls, face: Face) -> Region:
        """The square that MediaPipe would cut out around a face that its detector found."""
        left, top, width, height = face.box
        return cls((left + width / 2, top + height / 2), MARGIN * max(width, height), tilt(*np.array(face.eyes)))

    @classmethod
    def around_points(cls, points: np.ndarray) -> Region:
        """The square that MediaPipe would cut out of the next picture of a stream, after a mesh (n, 3) in this one."""
        low, high = points[:MESH_POINTS, :2].min(axis=0), points[:MESH_POINTS, :2].max(axis=0)
        x, y = (low + high) / 2
        return cls((x, y), MARGIN * (high - low).max(), tilt(*points[list(_OUTER_CORNERS), :2]))

    @classmethod
    def of_crop(cls, crop: np.ndarray) -> Region:
        """The square around the face in an aligned crop, uint8 RGB (side, side, 3)."""
        centre, side, tilt = box_in_crop(crop)
        return cls(centre, MARGIN * side, tilt)


def points_of_crop(crop: np.ndarray) -> np.ndarray | None:
    """The 478 points of the face in an aligned crop; None where the larger network sees no face. Safe in threads.

    Args:
        crop: Uint8 RGB (side, side, 3).

    Returns:
        Float32 (478, 3), x and y in pixels of the crop and z in the same unit.

    Raises:
        AssetError: The network's file cannot be had.

    Examples:
        >>> points_of_crop(face.crop).shape  # doctest: +SKIP
        (478, 3)
    """
    return _points_of_crop(crop.shape, crop.tobytes())


@functools.lru_cache(maxsize=32)
def _points_of_crop(shape: tuple[int, ...], content: bytes) -> np.ndarray | None:
    """The last few answers are kept, so that several features of one face run the network once."""
    crop = np.frombuffer(content, np.uint8).reshape(shape)
    return _points(large_network(), cutter(crop), Region.of_crop(crop))


def movements_of_crop(crop: np.ndarray) -> np.ndarray | None:
    """The 52 movements of the face in an aligned crop; None where the larger network sees no face. Safe in threads.

    Args:
        crop: Uint8 RGB (side, side, 3).

    Returns:
        Float32 (52,), 0 to 1, in the order of `MOVEMENT_NAMES`.

    Raises:
        AssetError: The networks' file cannot be had.
    """
    points = points_of_crop(crop)
    return None if points is None else movement_network()(points)


def cutter(crop: np.ndarray) -> Cut:
    """Cuts patches out of an aligned crop, uint8 RGB (side, side, 3)."""
    # OpenCV turns floats twice as fast as bytes.
    return partial(cut_patch, crop.astype(np.float32), interpolation=cv2.INTER_LINEAR, border=cv2.BORDER_REPLICATE)


def _points(network: PointNetwork, cut: Cut, first: Region) -> np.ndarray | None:
    """The points of the face in a region or, where it does not seem to be one, in the likeliest of several.

    Args:
        network: The network to ask.
        cut: Cuts patches out of the picture.
        first: Where the face should be.

    Returns:
        Float32 (n, 3), in pixels of the picture; None where no face is seen.
    """
    points, presence = look(network, cut, first)
    if presence >= POSSIBLE:
        return points
    others = (replace(first, side=side * first.side, turn=first.turn + turn) for side, turn in _OTHERS)
    for region in (Region.around_points(points), *others):
        points, presence = look(network, cut, region)
        if presence >= POSSIBLE:
            return points
    return None


def look(network: PointNetwork, cut: Cut, region: Region) -> tuple[np.ndarray, float]:
    """The points that a network sees in a region, and whether it sees a face there.

    Args:
        network: The network to ask.
        cut: Cuts patches out of the picture.
        region: Where the face should be.

    Returns:
        Float32 (n, 3), in pixels of the picture, and the probability of a face, 0 to 1.
    """
    matrix = window(region.centre, region.side, network.size, turn=region.turn)
    points, presence = network(cut(matrix, network.size))
    flat = apply(inverse(matrix), points[:, :2])
    depth = points[:, 2] * (region.side / network.size)
    return np.column_stack([flat, depth]).astype(np.float32), presence


class MeshFinder:
    """Adds meshes to faces that were found in whole pictures; one serves any number of threads and streams.

    The mesh has 478 points and comes with the movements where `face_landmarker.task` is on this machine, and else 468
    points without movements.

    Attributes:
        movements: Names of the movements that faces get; none where the mesh has 468 points.

    Raises:
        AssetError: Neither network's file can be had.
    """

    def __init__(self) -> None:
        self._network = _best_network()
        self.movements = MOVEMENT_NAMES if self._network.points == LANDMARK_POINTS else ()

    def add_to(self, faces: Sequence[Face], pyramid: Pyramid, most: int = MOST_FACES) -> list[Face]:
        """The faces with mesh, head pose and, from 478 points, blendshapes; as they were where no mesh is seen.

        Args:
            faces: The faces found in the picture.
            pyramid: The picture.
            most: How many get a mesh, the largest.
        """
        largest = sorted(faces, key=lambda face: -face.box[2])[:most]
        return [self._added(face, pyramid) if face in largest else face for face in faces]

    def _added(self, face: Face, pyramid: Pyramid) -> Face:
        points = _points(self._network, pyramid.cut, Region.around(face))
        if points is None:
            return face
        movements = None
        if len(points) == LANDMARK_POINTS:
            movements = dict(zip(MOVEMENT_NAMES, movement_network()(points).tolist(), strict=True))
        quality = replace(face.quality, pose=head_pose(points))
        return replace(face, mesh=points, blendshapes=movements, quality=quality)


def _best_network() -> PointNetwork:
    """The larger network if it is here, or the smaller one; if neither is, the first that can be fetched."""
    if assets.find(assets.FACE_LANDMARKER) is None and assets.find(assets.FACE_MESH):
        return small_network()
    try:
        return large_network()
    except AssetError:
        return small_network()
