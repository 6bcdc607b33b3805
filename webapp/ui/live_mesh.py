"""The face mesh over the picture."""

import numpy as np

from core.readings import Frame

_COLOUR = (120, 230, 255)


def dot(picture: np.ndarray, frame: Frame) -> np.ndarray:
    """The picture with a dot on every point of every mesh; the picture itself where there is none.

    Args:
        picture: RGB uint8 (height, width, 3); it is not changed.
        frame: What was read from it.
    """
    meshes = [reading.face.mesh for reading in frame.readings if reading.face.mesh is not None]
    if not meshes:
        return picture
    dotted = picture.copy()
    x, y = np.round(np.concatenate(meshes)[:, :2]).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < frame.width) & (y < frame.height)
    dotted[y[inside], x[inside]] = _COLOUR
    return dotted
