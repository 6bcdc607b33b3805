"""Graphs as small matrices: the fixed graph of a face mesh, prepared for networks."""

from __future__ import annotations

import numpy as np


def normalised_adjacency(edges: np.ndarray) -> np.ndarray:
    """D^-1/2 (A + I) D^-1/2 of a graph whose points are numbered from 0 (Kipf and Welling 2017).

    Args:
        edges: Int (e, 2), pairs of neighbouring points, each once, either end first.

    Returns:
        Float32 (n, n), symmetric; its largest eigenvalue is 1.

    Examples:
        >>> normalised_adjacency(np.array([[0, 1]])).round(3).tolist()
        [[0.5, 0.5], [0.5, 0.5]]
    """
    near = _adjacency(edges)
    root = np.sqrt(near.sum(axis=1))
    return (near / root / root[:, None]).astype(np.float32)


def detail(edges: np.ndarray, steps: int) -> np.ndarray:
    """A matrix that takes the mean of its neighbourhood off each point: Laplacian coordinates (Sorkine 2005).

    Args:
        edges: Int (e, 2), pairs of neighbouring points, each once, either end first.
        steps: Number of steps of a random walk on the graph; the points it may reach are the neighbourhood.

    Returns:
        Float32 (n, n), to be multiplied by the points' values; each row sums to 0.
    """
    near = _adjacency(edges) - np.eye(edges.max() + 1)
    walk = np.linalg.matrix_power(near / near.sum(axis=1, keepdims=True), steps)
    return (np.eye(len(near)) - walk).astype(np.float32)


def hops(edges: np.ndarray) -> np.ndarray:
    """Number of edges on the shortest way between any two points.

    Args:
        edges: Int (e, 2), pairs of neighbouring points of a graph in one piece.

    Returns:
        Int64 (n, n).

    Examples:
        >>> hops(np.array([[0, 1], [1, 2]])).tolist()
        [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
    """
    near = _adjacency(edges)
    reached, distance = np.eye(len(near), dtype=bool), np.zeros(near.shape, np.int64)
    while not reached.all():
        distance += ~reached
        reached = reached @ near > 0
    return distance


def spread(distance: np.ndarray, count: int) -> np.ndarray:
    """Points that lie well apart: each next one is the farthest from all before (Eldar et al. 1997).

    Args:
        distance: Int (n, n), see `hops`; whole numbers, so that every machine picks the same points.
        count: Number of points to pick.

    Returns:
        Int64 (count,), sorted.

    Examples:
        >>> spread(hops(np.array([[0, 1], [1, 2], [2, 3], [3, 4]])), 3).tolist()
        [0, 2, 4]
    """
    chosen = [int(distance.sum(axis=1).argmin())]
    while len(chosen) < count:
        chosen.append(int(distance[chosen].min(axis=0).argmax()))
    return np.sort(chosen)


def patches(distance: np.ndarray, count: int, size: int) -> np.ndarray:
    """Overlapping groups of neighbouring points: those nearest to each of some points that lie well apart.

    Args:
        distance: Int (n, n), see `hops`.
        count: Number of groups.
        size: Number of points in each group.

    Returns:
        Int64 (count, size), the numbers of points.
    """
    return distance[spread(distance, count)].argsort(axis=1, kind="stable")[:, :size]


def coarsened(edges: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A smaller graph of the same shape: every point joins the nearest of some that lie well apart.

    Args:
        edges: Int (e, 2), pairs of neighbouring points of a graph in one piece.
        count: Number of points of the smaller graph.

    Returns:
        Float32 (count, n), which takes the mean over each group of points, and int64 (e', 2), the edges between groups.
    """
    distance = hops(edges)
    group = distance[spread(distance, count)].argmin(axis=0)
    members = np.eye(count, dtype=np.float32)[:, group]
    joined = np.unique(np.sort(group[edges], axis=1), axis=0)
    return members / members.sum(axis=1, keepdims=True), joined[joined[:, 0] < joined[:, 1]]


def _adjacency(edges: np.ndarray) -> np.ndarray:
    """Float64 (n, n) of ones where two points are neighbours, and where they are the same."""
    near = np.eye(edges.max() + 1)
    near[edges, edges[:, ::-1]] = 1
    return near
