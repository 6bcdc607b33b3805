"""MediaPipe's networks of the face mesh, run with LiteRT: points of a face in a patch, and movements from points.

FaceLandmarker runs the same networks inside a graph, which looks for the face once more and takes twice the time.
"""

from __future__ import annotations

import functools
import zipfile

import numpy as np

from ..runtime import assets
from ..runtime.pool import Pool
from .mesh_topology import movement_points


class PointNetwork:
    """A pool of networks that place the points of a face (Kartynnik et al. 2019), each used by one thread at a time.

    Args:
        content: Content of the `.tflite` file.

    Attributes:
        size: Side length of the patch that the network takes, in pixels.
        points: Number of points that it places.
    """

    def __init__(self, content: bytes) -> None:
        self._pool = Pool(lambda: _Points(content))
        with self._pool.borrow() as network:
            self.size, self.points = network.size, network.points

    def __call__(self, patch: np.ndarray) -> tuple[np.ndarray, float]:
        """The points of the face that fills a patch, and whether it is one.

        Args:
            patch: Uint8 RGB (size, size, 3).

        Returns:
            Float32 (468, 3) or (478, 3), x to the right, y down and z away from the viewer, in pixels of the patch; and
            the probability that the patch shows a face, 0 to 1.
        """
        with self._pool.borrow() as network:
            return network.run(patch)


class MovementNetwork:
    """A pool of networks that read the 52 movements off 478 points (Grishchenko et al. 2022).

    Args:
        content: Content of the `.tflite` file.
    """

    def __init__(self, content: bytes) -> None:
        self._pool = Pool(lambda: _Movements(content))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """The movements of a face.

        Args:
            points: Float (478, 3); where they lie and how large the face is makes no difference.

        Returns:
            Float32 (52,), 0 to 1, in the order of `MOVEMENT_NAMES`.
        """
        with self._pool.borrow() as network:
            return network.run(points)


@functools.cache
def small_network() -> PointNetwork:
    """The network of 468 points, which sees 192x192 pixels.

    Raises:
        AssetError: Its file cannot be had.
    """
    return PointNetwork(assets.path_of(assets.FACE_MESH).read_bytes())


@functools.cache
def large_network() -> PointNetwork:
    """The network of 478 points, which sees 256x256 pixels and takes three times as long.

    Raises:
        AssetError: Its file cannot be had.
    """
    return PointNetwork(_member("face_landmarks_detector.tflite"))


@functools.cache
def movement_network() -> MovementNetwork:
    """The network of the movements.

    Raises:
        AssetError: Its file cannot be had.
    """
    return MovementNetwork(_member("face_blendshapes.tflite"))


def _member(name: str) -> bytes:
    with zipfile.ZipFile(assets.path_of(assets.FACE_LANDMARKER)) as bundle:
        return bundle.read(name)


class Network:
    """An interpreter of a LiteRT file with one input, for one thread.

    Args:
        content: Content of the `.tflite` file.

    Attributes:
        shape: Shape of the input.
        output_shapes: Shape of each output.
    """

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()
        ((self._input, self.shape),) = [(one["index"], one["shape"]) for one in self._interpreter.get_input_details()]
        outputs = self._interpreter.get_output_details()
        self._outputs, self.output_shapes = zip(*((one["index"], one["shape"]) for one in outputs), strict=True)

    def invoke(self, values: np.ndarray) -> list[np.ndarray]:
        """The outputs for an input, float32 of the shape `shape`."""
        self._interpreter.set_tensor(self._input, values)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


class _Points(Network):
    @property
    def size(self) -> int:
        return int(self.shape[1])

    @property
    def points(self) -> int:
        return int(np.prod(self.output_shapes[0])) // 3

    def run(self, patch: np.ndarray) -> tuple[np.ndarray, float]:
        # The larger network has a third output, for the tongue, which MediaPipe does not use either.
        points, logit, *_ = self.invoke(np.multiply(patch[None], 1 / 255, dtype=np.float32))
        return points.reshape(-1, 3), float(1 / (1 + np.exp(-np.float64(logit.item()))))


class _Movements(Network):
    def run(self, points: np.ndarray) -> np.ndarray:
        (movements,) = self.invoke(points[None, movement_points(), :2].astype(np.float32))
        return movements
