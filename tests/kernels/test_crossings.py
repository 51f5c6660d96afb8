"""Triangles that pass through each other are found, neighbours and coplanar ones are not."""

import numpy as np

from corohemo.kernels.crossings import crossing_triangles

FLAT = np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 0]])


def moved(x, y, z):
    return FLAT + np.array([x, y, z])


def crossing(*others):
    points = np.concatenate([FLAT, *map(np.array, others)]).astype(float)
    return crossing_triangles(points, np.arange(len(points)).reshape(-1, 3))


def test_a_triangle_through_another_is_found():
    assert set(crossing([[1.0, 1, -1], [1, 1, 1], [5, 5, 0]])) == {0, 1}


def test_only_one_corner_needs_to_pass_through():
    assert set(crossing([[1.0, 1, -0.1], [0, 9, 5], [9, 0, 5]])) == {0, 1}


def test_triangles_apart_or_in_one_plane_do_not_cross():
    assert crossing(moved(0, 0, 0.1), moved(9, 0, 0)) == (-1, -1)
    assert crossing(moved(1, 1, 0)) == (-1, -1)


def test_neighbours_are_not_compared():
    points = np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 0], [1, 1, -1], [1, 1, 1]])
    assert crossing_triangles(points, np.array([[0, 1, 2], [0, 3, 4]])) == (-1, -1)


def test_the_pair_is_found_among_many():
    random = np.random.default_rng(4)
    small = random.uniform(0, 100, (400, 1, 3)) + random.uniform(0, 1e-3, (400, 3, 3))
    spike = small[7].mean(axis=0) + np.array([[0, 0, -1.0], [0, 0, 1.0], [1.0, 1.0, 0.1]])
    points = np.concatenate([small.reshape(-1, 3), spike])
    assert set(crossing_triangles(points, np.arange(len(points)).reshape(-1, 3))) == {7, 400}
