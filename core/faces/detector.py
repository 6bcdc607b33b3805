"""MediaPipe's two face detectors, on one small patch of a picture; shared by threads.

MediaPipe's own FaceDetector runs the same files but hands every call to a thread of its own and takes twice the time; a
search of one picture runs the networks dozens of times. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..runtime import assets
from ..runtime.assets import Asset
from ..runtime.pool import Pool
from .geometry import apply, intersection_over_union, inverse
from .pyramid import Pyramid


@dataclass(frozen=True)
class FaceNetwork:
    """One of the networks that find faces, and how small a face it finds.

    Attributes:
        asset: Model file of the network.
        size: Side length of the patch that it takes, in pixels.
        grids: Cells along a side, and anchors a cell, of each of its grids.
        reach: Side length of the largest window in which it finds a face, in sides of the face's crop.
        step: How many times smaller the next smaller windows may be, so that no face is too large for these and too
            small for those.
        lowest: Score, 0 to 1, from which a detection in a window counts for something.
    """

    asset: Asset
    size: int
    grids: tuple[tuple[int, int], ...]
    reach: float
    step: float
    lowest: float

    def anchors(self) -> np.ndarray:
        """Centres of its anchors, float64 (n, 2) in pixels of the patch."""
        centres = []
        for cells, count in self.grids:
            y, x = np.mgrid[:cells, :cells]
            centre = (np.stack([x, y], axis=2).reshape(-1, 2) + 0.5) * (self.size / cells)
            centres.append(np.repeat(centre, count, axis=0))
        return np.concatenate(centres)


SHORT_RANGE = FaceNetwork(assets.FACE_DETECTOR, 128, ((16, 2), (8, 6)), reach=4.5, step=1.6, lowest=0.2)
"""BlazeFace for faces near the camera: a look takes 1.4 ms and is sure of itself where a face fills half the window."""

FULL_RANGE = FaceNetwork(assets.FAR_FACE_DETECTOR, 192, ((48, 1),), reach=16.0, step=3.2, lowest=0.1)
"""BlazeFace for faces across a room: a look takes as long as five of the other, but takes in twelve times the area. It
hardly misses a face in such a window, but takes two or three places of any picture for one."""

SIZE = SHORT_RANGE.size
"""Side length of the patch that `SHORT_RANGE` takes, in pixels."""

_SAME = 0.3  # intersection over union above which two boxes are of one face, as MediaPipe sets it

_FLAT = 2.0  # standard deviation in grey levels below which there is nothing to find: sky, a wall, the dark


@dataclass(frozen=True)
class Detection:
    """A face as the detector finds it, in pixels of the picture.

    Attributes:
        score: How sure the detector is, 0 to 1.
        points: Float (6, 2): the eye on the left, the eye on the right, nose tip, mouth, and the two ears.
        box: Float (4,): left, top, width, height.
    """

    score: float
    points: np.ndarray
    box: np.ndarray


class Detector:
    """A pool of BlazeFace networks (Bazarevsky et al. 2019), each used by one thread at a time.

    Args:
        network: Which of the two.
        cores: Number of processor cores that one call may use.

    Attributes:
        network: As given.

    Raises:
        AssetError: The model file cannot be had.
    """

    def __init__(self, network: FaceNetwork = SHORT_RANGE, cores: int = 1) -> None:
        path = assets.path_of(network.asset)
        self.network = network
        self._anchors = network.anchors()
        self._pool = Pool(lambda: _Network(path, cores))

    def detect(self, pyramid: Pyramid, matrix: np.ndarray, border: int = cv2.BORDER_CONSTANT) -> list[Detection]:
        """The faces in one patch of a picture, the surest first.

        Args:
            pyramid: The picture.
            matrix: Float64 (2, 3), the map of `geometry` from the picture onto a patch of the network's size.
            border: OpenCV's `cv2.BORDER_...`: what lies beyond the picture's edge. The picture's mirror image hides a
                face that fills the picture, and completes one that the edge cuts in half.
        """
        patch = pyramid.cut(matrix, self.network.size, border)
        if patch[::4, ::4, 1].std() < _FLAT:
            return []
        with self._pool.borrow() as interpreter:
            boxes, logits = interpreter.run(patch)
        is_likely = logits >= np.log(self.network.lowest / (1 - self.network.lowest))
        if not is_likely.any():
            return []
        scores = 1 / (1 + np.exp(-logits[is_likely].astype(np.float64)))
        values = boxes[is_likely].reshape(-1, 8, 2).astype(np.float64)
        values[:, [0, 2, 3, 4, 5, 6, 7]] += self._anchors[is_likely][:, None]  # all but the second, width and height
        return [_detection(score, merged, inverse(matrix)) for score, merged in _merged(scores, values)]


class _Network:
    def __init__(self, path: Path, cores: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(path), num_threads=cores)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {int(output["shape"][-1]): output["index"] for output in self._interpreter.get_output_details()}
        self._boxes, self._scores = outputs[16], outputs[1]

    def run(self, patch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Boxes and points of all anchors, float32 (n, 16), and their logits, float32 (n,)."""
        self._interpreter.set_tensor(self._input, patch[None].astype(np.float32) / 127.5 - 1)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._boxes)[0], self._interpreter.get_tensor(self._scores)[0, :, 0]


def _merged(scores: np.ndarray, values: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    """Detections that lie on one another become one: the mean weighted by score, under the best score.

    Args:
        scores: Float64 (n,).
        values: Float64 (n, 8, 2), in pixels of the patch: centre of the box, width and height, and the six points.
    """
    boxes = np.concatenate([values[:, 0] - values[:, 1] / 2, values[:, 1]], axis=1)
    order = np.argsort(-scores)
    while len(order):
        best = order[0]
        is_same = intersection_over_union(boxes[order], boxes[best]) > _SAME
        is_same[0] = True
        group = order[is_same]
        yield scores[best], np.average(values[group], axis=0, weights=scores[group])
        order = order[~is_same]


def _detection(score: float, values: np.ndarray, back: np.ndarray) -> Detection:
    centre = apply(back, values[:1])[0]
    side = values[1] * np.sqrt(abs(np.linalg.det(back[:, :2])))
    points = apply(back, values[2:])
    if np.linalg.det(back[:, :2]) < 0:  # found in a mirror image: left and right change places
        points = points[[1, 0, 2, 3, 5, 4]]
    return Detection(float(score), points, np.concatenate([centre - side / 2, side]))
