"""Pictures that look the same without having the same pixels: perceptual hashes, and pairs of them that are close."""

from __future__ import annotations

import numpy as np
from scipy.fft import dctn

_LOW = 8  # frequencies a side; the bits of a hash are those above their median


def perceptual_hashes(images: np.ndarray) -> np.ndarray:
    """Compute 64 bits that hardly change when a picture is scaled, compressed or lit differently.

    The bits are the signs of the picture's lowest frequencies (pHash, Zauner 2010).

    Args:
        images: (n, height, width), grey pictures.

    Returns:
        Uint64 (n,).
    """
    spectrum = dctn(images.astype(np.float32), axes=(1, 2))[:, :_LOW, :_LOW].reshape(len(images), -1)
    bits = spectrum > np.median(spectrum[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)


_RADIUS = 4  # in FER2013, 99 of 100 pairs whose hashes differ in so few bits show the same photo


def near_pairs(codes: np.ndarray, radius: int = _RADIUS) -> np.ndarray:
    """Find all pairs of perceptual hashes that differ in few bits.

    Two such hashes agree in all bits of at least one of `radius + 1` bands, so that only hashes that agree in a band
    are compared (Norouzi, Punjani and Fleet 2012).

    Args:
        codes: Uint64 (n,), hashes that `perceptual_hashes` gives.
        radius: Number of bits that may differ.

    Returns:
        Int64 (pairs, 2), indices, each pair once and the smaller index first.
    """
    bits = np.unpackbits(codes.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
    found = [np.empty((0, 2), np.int64)]
    for band in range(radius + 1):
        for first, second in _equal(np.packbits(bits[:, band :: radius + 1], axis=1)):
            close = np.bitwise_count(codes[first] ^ codes[second]) <= radius
            found.append(np.sort(np.stack([first[close], second[close]], axis=1), axis=1))
    return np.unique(np.concatenate(found), axis=0)


def images_of_earlier(codes: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Tell which images look like one of an earlier rank.

    Args:
        codes: Uint64 (n,), hashes that `perceptual_hashes` gives.
        ranks: Int (n,), rank of each image's split: what is learnt from comes first.

    Returns:
        Bool (n,).
    """
    unique, inverse = np.unique(codes, return_inverse=True)  # a thousand copies would make half a million pairs
    own = np.full(len(unique), np.iinfo(np.int64).max)
    np.minimum.at(own, inverse, ranks)
    earliest, pairs = own.copy(), near_pairs(unique)
    for one, other in (pairs.T, pairs.T[::-1]):
        np.minimum.at(earliest, one, own[other])
    return earliest[inverse] < ranks


def _equal(keys: np.ndarray):
    """Yield pairs of indices with equal keys (n, bytes): once sorted, equal keys are one, two, three … places apart."""
    _, keys = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(keys, kind="stable")
    keys, places, shift = keys[order], np.arange(len(keys)), 0
    while True:
        shift += 1
        places = places[places + shift < len(keys)]
        places = places[keys[places] == keys[places + shift]]
        if not len(places):
            return
        yield order[places], order[places + shift]
