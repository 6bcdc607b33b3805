"""Corruptions of crops, in five strengths: pose, light, noise, blur, compression and occlusion.

Names and forms follow Hendrycks and Dietterich (2019) where these fit crops of 48x48 pixels; the three occlusions are
drawn where the canonical crop has its eyes and its mouth.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.faces.alignment import EYES_AND_MOUTH, SIDE

_FINE = 8  # factor by which shapes are drawn larger, so that their edges are smooth
_LEFT_EYE, _RIGHT_EYE, _MOUTH = EYES_AND_MOUTH

_TINT = (0.45, 0.65, 0.8, 0.92, 1.0)  # opacity of the glasses
_GLASSES = (0.11, 0.12, 0.13, 0.15, 0.17)  # half a glass's width
_MASK_TOP = (0.86, 0.76, 0.68, 0.6, 0.52)  # where the mask begins: from below the mouth to the bridge of the nose
_REACH = (0.2, 0.34, 0.46, 0.58, 0.72)  # how far the hand comes in from the side


def sunglasses(images: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    """Draw dark glasses over the eyes: from a tint to large and black."""
    half = _GLASSES[step]
    alpha = _canvas()
    for eye in (_LEFT_EYE, _RIGHT_EYE):
        cv2.ellipse(alpha, _at(eye), _lengths(half, 0.8 * half), 0, 0, 360, 1.0, -1)
    cv2.line(alpha, _at(_LEFT_EYE), _at(_RIGHT_EYE), 1.0, _lengths(0.035)[0])
    for eye, edge in ((_LEFT_EYE, 0.0), (_RIGHT_EYE, 1.0)):
        cv2.line(alpha, _at(eye), _at((edge, eye[1] - 0.03)), 1.0, _lengths(0.025)[0])
    return _blended(images, _TINT[step] * _small(alpha), np.full((1, 1, 1, 3), 18.0))


def mask(images: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a pale mask from the chin up: its top rises from below the mouth to the bridge of the nose."""
    top, alpha = _MASK_TOP[step], _canvas()
    outline = [(0.1, top + 0.06), (0.5, top - 0.04), (0.9, top + 0.06), (0.86, 0.85), (0.68, 1.05), (0.32, 1.05)]
    cv2.fillPoly(alpha, [np.array([_at(point) for point in [*outline, (0.14, 0.85)]])], 1.0)
    rows = np.linspace(0, 1, SIDE)[:, None]
    folds = 205 + 12 * np.sin(rows * 40) + 0 * rows.T
    return _blended(images, _small(alpha), np.repeat(folds[None, :, :, None], 3, axis=3))


def hand(images: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    """Draw four fingers of the face's own colour over a cheek and the mouth, from either side."""
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
    covered = _blended(images, alpha, 0.92 * skin * shade[None, :, :, None])
    mirrored = _blended(images, alpha[:, ::-1], 0.92 * skin * shade[None, :, ::-1, None])
    return np.where(sides[:, None, None, None], covered, mirrored)


def _canvas() -> np.ndarray:
    return np.zeros((SIDE * _FINE, SIDE * _FINE), np.float32)


def _at(point) -> tuple[int, int]:
    return round(point[0] * SIDE * _FINE), round(point[1] * SIDE * _FINE)


def _lengths(*shares: float) -> tuple[int, ...]:
    return tuple(round(share * SIDE * _FINE) for share in shares)


def _small(canvas: np.ndarray) -> np.ndarray:
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _blended(images: np.ndarray, alpha: np.ndarray, colour: np.ndarray) -> np.ndarray:
    alpha = alpha[None, :, :, None]
    return np.clip(np.rint(images * (1 - alpha) + colour * alpha), 0, 255).astype(np.uint8)


STRENGTHS = 5

_DEGREES = (8, 16, 24, 32, 45)
_SHIFTS = (0.04, 0.08, 0.12, 0.17, 0.22)  # as a share of the side
_ZOOMS = (1.08, 1.17, 1.27, 1.4, 1.6)  # factor by which the face is larger or smaller
_BRIGHTNESS = (20, 40, 60, 80, 100)  # grey levels up or down
_CONTRAST = (0.7, 0.5, 0.35, 0.2, 0.1)  # factor of the contrast
_NOISE = (8, 14, 20, 27, 36)  # standard deviation in grey levels
_BLUR = (0.6, 1.0, 1.4, 1.8, 2.2)  # standard deviation in pixels
_QUALITY = (50, 30, 20, 13, 9)  # of the JPEG
_SIDES = (32, 24, 18, 14, 11)  # side length of the reduced crop, in pixels


def corrupt(name: str, images: np.ndarray, strength: int, seed: int = 0) -> np.ndarray:
    """Corrupt crops; the same seed corrupts them in the same way at every strength, only more.

    Args:
        name: Name of the corruption, a key of `CORRUPTIONS`.
        images: Uint8 RGB (n, 48, 48, 3), crops.
        strength: Strength from 0, which changes nothing, to 5.
        seed: Seed of directions, sides and noise.

    Returns:
        Uint8 RGB (n, 48, 48, 3), corrupted crops.
    """
    if not strength:
        return images.copy()
    rng = np.random.default_rng([seed, list(CORRUPTIONS).index(name)])
    return CORRUPTIONS[name](images, strength - 1, rng)


def _rotation(images, step, rng):
    turns = _DEGREES[step] * rng.choice([-1, 1], len(images))
    return _warped(images, [cv2.getRotationMatrix2D(_centre(images), float(turn), 1.0) for turn in turns])


def _shift(images, step, rng):
    angles = rng.uniform(0, 2 * np.pi, len(images))
    offsets = _SHIFTS[step] * images.shape[1] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _warped(images, [np.array([[1, 0, x], [0, 1, y]]) for x, y in offsets])


def _scale(images, step, rng):
    zooms = _ZOOMS[step] ** rng.choice([-1.0, 1.0], len(images))
    return _warped(images, [cv2.getRotationMatrix2D(_centre(images), 0.0, float(zoom)) for zoom in zooms])


def _centre(images) -> tuple[float, float]:
    return ((images.shape[2] - 1) / 2, (images.shape[1] - 1) / 2)


def _warped(images, matrices):
    size = images.shape[2], images.shape[1]  # beyond the edge is its mirror image, as in serving
    moved = [
        cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        for image, matrix in zip(images, matrices, strict=True)
    ]
    return np.stack(moved)


def _brightness(images, step, rng):
    levels = _BRIGHTNESS[step] * rng.choice([-1, 1], (len(images), 1, 1, 1))
    return _bytes(images + levels)


def _contrast(images, step, rng):
    means = images.mean(axis=(1, 2, 3), keepdims=True)
    return _bytes((images - means) * _CONTRAST[step] + means)


def _gaussian_noise(images, step, rng):
    noise = rng.standard_normal(images.shape[:3], np.float32)[..., None]  # the same in all channels: grey stays grey
    return _bytes(images + _NOISE[step] * noise)


def _gaussian_blur(images, step, rng):
    return np.stack([cv2.GaussianBlur(image, (0, 0), _BLUR[step]) for image in images])


def _jpeg_compression(images, step, rng):
    quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY[step]]
    return np.stack([cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR) for image in images])


def _low_resolution(images, step, rng):
    side, size = _SIDES[step], (images.shape[2], images.shape[1])
    small = [cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA) for image in images]
    return np.stack([cv2.resize(image, size, interpolation=cv2.INTER_LINEAR) for image in small])


def _bytes(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


CORRUPTIONS: dict[str, Callable[[np.ndarray, int, np.random.Generator], np.ndarray]] = {
    "rotation": _rotation,
    "shift": _shift,
    "scale": _scale,
    "brightness": _brightness,
    "contrast": _contrast,
    "gaussian_noise": _gaussian_noise,
    "gaussian_blur": _gaussian_blur,
    "jpeg_compression": _jpeg_compression,
    "low_resolution": _low_resolution,
    "sunglasses": sunglasses,
    "mask": mask,
    "hand": hand,
}
"""By name, a function from crops, the strength less one (0 to 4) and a random generator to corrupted crops."""
