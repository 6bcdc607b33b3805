"""Things that hide a part of a face, drawn where the canonical crop has its eyes and its mouth."""

from __future__ import annotations

import cv2
import numpy as np

from core.faces.alignment import EYES_AND_MOUTH, SIDE

_FINE = 8  # shapes are drawn that many times larger, so that their edges come out smooth
_LEFT_EYE, _RIGHT_EYE, _MOUTH = EYES_AND_MOUTH

_TINT = (0.45, 0.65, 0.8, 0.92, 1.0)  # how dark the glasses are
_GLASSES = (0.11, 0.12, 0.13, 0.15, 0.17)  # half a glass's width
_MASK_TOP = (0.86, 0.76, 0.68, 0.6, 0.52)  # where the mask begins: from below the mouth to the bridge of the nose
_REACH = (0.2, 0.34, 0.46, 0.58, 0.72)  # how far the hand comes in from the side


def sunglasses(images: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    """Two dark glasses and a bridge over the eyes: from a tint to large and black."""
    half = _GLASSES[step]
    alpha = _canvas()
    for eye in (_LEFT_EYE, _RIGHT_EYE):
        cv2.ellipse(alpha, _at(eye), _lengths(half, 0.8 * half), 0, 0, 360, 1.0, -1)
    cv2.line(alpha, _at(_LEFT_EYE), _at(_RIGHT_EYE), 1.0, _lengths(0.035)[0])
    for eye, edge in ((_LEFT_EYE, 0.0), (_RIGHT_EYE, 1.0)):
        cv2.line(alpha, _at(eye), _at((edge, eye[1] - 0.03)), 1.0, _lengths(0.025)[0])
    return _laid(images, _TINT[step] * _small(alpha), np.full((1, 1, 1, 3), 18.0))


def mask(images: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    """A pale mask from the chin up: from below the mouth to the bridge of the nose."""
    top, alpha = _MASK_TOP[step], _canvas()
    outline = [(0.1, top + 0.06), (0.5, top - 0.04), (0.9, top + 0.06), (0.86, 0.85), (0.68, 1.05), (0.32, 1.05)]
    cv2.fillPoly(alpha, [np.array([_at(point) for point in [*outline, (0.14, 0.85)]])], 1.0)
    rows = np.linspace(0, 1, SIDE)[:, None]
    folds = 205 + 12 * np.sin(rows * 40) + 0 * rows.T
    return _laid(images, _small(alpha), np.repeat(folds[None, :, :, None], 3, axis=3))


def hand(images: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    """Four fingers of the face's own colour laid over a cheek and the mouth, from either side."""
    alpha, shade = _canvas(), _canvas()
    reach = _REACH[step]
    for finger, (height, length) in enumerate(((0.56, 0.9), (0.68, 1.0), (0.8, 0.96), (0.92, 0.84))):
        start, tip = (-0.15, height + 0.12), (reach * length - 0.065, height - 0.05 * reach)
        cv2.line(alpha, _at(start), _at(tip), 1.0, _lengths(0.15)[0], cv2.LINE_8)
        cv2.line(shade, _at(start), _at(tip), 0.72 + 0.02 * finger, _lengths(0.15)[0])
        cv2.line(shade, _at(start), _at(tip), 1.0, _lengths(0.09)[0])
    alpha, shade = _small(alpha), _small(shade)
    sides = rng.random(len(images)) < 0.5
    centre = images[:, SIDE // 3 : 2 * SIDE // 3, SIDE // 4 : 3 * SIDE // 4]
    skin = np.median(centre.reshape(len(images), -1, 3), axis=1)[:, None, None, :]
    covered = _laid(images, alpha, 0.92 * skin * shade[None, :, :, None])
    mirrored = _laid(images, alpha[:, ::-1], 0.92 * skin * shade[None, :, ::-1, None])
    return np.where(sides[:, None, None, None], covered, mirrored)


def _canvas() -> np.ndarray:
    return np.zeros((SIDE * _FINE, SIDE * _FINE), np.float32)


def _at(point) -> tuple[int, int]:
    return round(point[0] * SIDE * _FINE), round(point[1] * SIDE * _FINE)


def _lengths(*shares: float) -> tuple[int, ...]:
    return tuple(round(share * SIDE * _FINE) for share in shares)


def _small(canvas: np.ndarray) -> np.ndarray:
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _laid(images: np.ndarray, alpha: np.ndarray, colour: np.ndarray) -> np.ndarray:
    alpha = alpha[None, :, :, None]
    return np.clip(np.rint(images * (1 - alpha) + colour * alpha), 0, 255).astype(np.uint8)
