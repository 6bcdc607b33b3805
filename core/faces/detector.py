"""BlazeFace, MediaPipe's short-range face detector, on one small patch of a picture; shared by threads.

MediaPipe's own FaceDetector runs the same file but hands every call to a thread of its own and takes twice the time; a
thorough search takes some ninety looks. A test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..runtime import assets
from ..runtime.pool import Pool
from .geometry import apply, inverse
from .pyramid import Pyramid

SIZE = 128
"""Side of the patch that the model sees, in pixels."""

LOWEST = 0.4
"""Score below which nothing is taken for even a doubtful face."""

_SAME = 0.3  # intersection over union from which two boxes are of one face, as MediaPipe sets it

_FLAT = 2.0  # grey levels of contrast below which there is nothing to see: sky, a wall, the dark


def _anchors() -> np.ndarray:
    """Centres of the model's 896 anchors, (896, 2) in pixels: two a cell of 16x16, then six a cell of 8x8."""
    grids = []
    for cells, count in ((16, 2), (8, 6)):
        y, x = np.mgrid[:cells, :cells]
        centres = (np.stack([x, y], axis=2).reshape(-1, 2) + 0.5) * (SIZE / cells)
        grids.append(np.repeat(centres, count, axis=0))
    return np.concatenate(grids)


_ANCHORS = _anchors()


@dataclass(frozen=True)
class Sight:
    """One detection, in pixels of the picture.

    Attributes:
        score: 0 to 1.
        points: Float (6, 2): the eye on the left, the eye on the right, nose tip, mouth, and the two ears.
        box: Left, top, width, height.
    """

    score: float
    points: np.ndarray
    box: np.ndarray


class Detector:
    """A pool of BlazeFace networks (Bazarevsky et al. 2019), each used by one thread at a time.

    Args:
        cores: That one look may use.

    Raises:
        AssetError: the model file cannot be had.
    """

    def __init__(self, cores: int = 1) -> None:
        path = assets.path_of(assets.FACE_DETECTOR)
        self._pool = Pool(lambda: _Network(path, cores))

    def look(self, pyramid: Pyramid, matrix: np.ndarray) -> list[Sight]:
        """Detect in the patch that `matrix` cuts out of a picture, the surest first."""
        patch = pyramid.cut(matrix, SIZE)
        if patch[::4, ::4, 1].std() < _FLAT:
            return []
        with self._pool.borrow() as network:
            boxes, logits = network.run(patch)
        is_likely = logits >= np.log(LOWEST / (1 - LOWEST))
        if not is_likely.any():
            return []
        scores = 1 / (1 + np.exp(-logits[is_likely].astype(np.float64)))
        values = boxes[is_likely].reshape(-1, 8, 2).astype(np.float64)
        values[:, [0, 2, 3, 4, 5, 6, 7]] += _ANCHORS[is_likely][:, None]  # all but the second pair, width and height
        return [_sight(score, merged, inverse(matrix)) for score, merged in _merged(scores, values)]


class _Network:
    def __init__(self, path: Path, cores: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(path), num_threads=cores)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = {int(output["shape"][-1]): output["index"] for output in self._interpreter.get_output_details()}
        self._boxes, self._scores = outputs[16], outputs[1]

    def run(self, patch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Boxes and points of all anchors, (896, 16), and their logits, (896,)."""
        self._interpreter.set_tensor(self._input, patch[None].astype(np.float32) / 127.5 - 1)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._boxes)[0], self._interpreter.get_tensor(self._scores)[0, :, 0]


def _merged(scores: np.ndarray, values: np.ndarray):
    """Detections that overlap become one, their mean weighted by score, under the best score."""
    order = np.argsort(-scores)
    while len(order):
        best, others = order[0], order
        corner, size = values[others, 0] - values[others, 1] / 2, values[others, 1]
        shared = np.minimum(corner + size, corner[0] + size[0]) - np.maximum(corner, corner[0])
        area = shared.clip(0).prod(axis=1)
        is_same = area / (size.prod(axis=1) + size[0].prod() - area) > _SAME
        is_same[0] = True
        group = others[is_same]
        yield scores[best], np.average(values[group], axis=0, weights=scores[group])
        order = others[~is_same]


def _sight(score: float, values: np.ndarray, back: np.ndarray) -> Sight:
    centre = apply(back, values[:1])[0]
    side = values[1] * np.sqrt(abs(np.linalg.det(back[:, :2])))
    points = apply(back, values[2:])
    if np.linalg.det(back[:, :2]) < 0:  # seen in a mirror: left and right change places
        points = points[[1, 0, 2, 3, 5, 4]]
    return Sight(float(score), points, np.concatenate([centre - side / 2, side]))
