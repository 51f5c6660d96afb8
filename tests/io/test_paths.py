from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import GeometryError
from corohemo.io.paths import Path3D, merge_paths
from corohemo.tree import VesselTree


def polyline(*corners: tuple[float, float, float], step: float = 0.5) -> np.ndarray:
    pieces = []
    for a, b in zip(np.array(corners[:-1], float), np.array(corners[1:], float), strict=True):
        n = max(1, round(np.linalg.norm(b - a) / step))
        pieces.append(a + np.linspace(0, 1, n, endpoint=False)[:, None] * (b - a))
    return np.vstack([*pieces, corners[-1]])


def path(points: np.ndarray, radius: float = 1.5) -> Path3D:
    return Path3D(points, np.full(len(points), radius))


def build(paths: list[Path3D]) -> VesselTree:
    raw = merge_paths(paths, source="test.vtp")
    return VesselTree.from_arrays(raw.points, raw.radii, raw.parents, length_unit="mm")


OSTIUM, FORK, FORK2 = (0, 0, 0), (0, 0, 20), (10, 0, 30)
LAD = polyline(OSTIUM, FORK, FORK2, (25, 0, 45))
D1 = polyline(OSTIUM, FORK, FORK2, (10, 10, 40))
LCX = polyline(OSTIUM, FORK, (-20, 0, 35))


def assert_three_outlets(tree: VesselTree, tolerance: float) -> None:
    assert [b.parent for b in tree.branches] in ([-1, 0, 1, 1, 0], [-1, 0, 0, 2, 2])
    stem = tree.branches[0]
    assert stem.length == pytest.approx(20e-3, abs=tolerance)
    ends = {tuple(np.round(tree.branches[i].points[-1] * 1e3).astype(int)) for i in tree.outlets}
    assert ends == {(25, 0, 45), (10, 10, 40), (-20, 0, 35)}


def test_overlapping_paths_share_their_stems():
    tree = build([path(LAD), path(D1), path(LCX)])
    assert_three_outlets(tree, tolerance=1e-9 + 0.5e-3)


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_order_of_the_paths_does_not_matter(order: tuple[int, ...]):
    paths = [path(LAD), path(D1), path(LCX)]
    assert build([paths[i] for i in order]).length == pytest.approx(build(paths).length)


def test_noise_below_a_fraction_of_the_radius_makes_no_branches():
    rng = np.random.default_rng(3)
    noisy = [path(p + rng.uniform(-0.1, 0.1, p.shape)) for p in (LAD, D1, LCX)]
    assert_three_outlets(build(noisy), tolerance=1.5e-3)


def test_paths_of_different_spacing_share_their_stems():
    coarse = polyline(OSTIUM, FORK, FORK2, (10, 10, 40), step=3.7)
    tree = build([path(LAD), path(coarse), path(LCX)])
    assert_three_outlets(tree, tolerance=1e-3)


def test_paths_that_run_to_the_ostium_are_turned_round():
    tree = build([path(p[::-1]) for p in (LAD, D1, LCX)])
    np.testing.assert_allclose(tree.branches[0].points[0], 0, atol=1e-12)
    assert_three_outlets(tree, tolerance=1e-3)


def test_vessels_that_start_on_their_parent_join_there():
    side = polyline((0, 0, 10), (8, 0, 10))
    tree = build([path(polyline(OSTIUM, (0, 0, 30))), path(side, radius=0.8)])
    assert [b.parent for b in tree.branches] == [-1, 0, 0]
    assert tree.branches[0].length == pytest.approx(10e-3)
    assert tree.branches[2].length == pytest.approx(8e-3)


def test_vessel_that_starts_at_the_wall_of_its_parent_joins_its_axis():
    side = polyline((1.3, 0, 10.2), (8, 0, 10.2))
    tree = build([path(polyline(OSTIUM, (0, 0, 30))), path(side, radius=0.8)])
    assert tree.branches[2].points[0][0] == pytest.approx(0)


def test_vessel_that_joins_between_two_coarse_points_gets_a_point_there():
    main = Path3D(np.array([[0.0, 0, 0], [0, 0, 20]]), np.array([2.0, 1.0]))
    tree = build([main, path(polyline((0, 0, 10), (8, 0, 10)), radius=0.8)])
    np.testing.assert_allclose(tree.branches[0].points[-1], [0, 0, 10e-3], atol=1e-12)
    assert tree.branches[0].radii[-1] == pytest.approx(1.5e-3)


def test_a_path_inside_another_adds_nothing():
    assert len(build([path(LAD), path(LAD[:60] + 0.05)]).branches) == 1


def test_vessels_that_come_near_again_stay_apart():
    loop = polyline(OSTIUM, FORK, (12, 0, 30), (12, 0, 50), (2.5, 0, 60), (2.5, 0, 70))
    straight = polyline(OSTIUM, FORK, (0, 0, 80))
    tree = build([path(straight), path(loop)])
    assert len(tree.branches) == 3
    assert tree.branches[0].length == pytest.approx(20e-3, abs=1e-3)


def test_several_trees_are_told_apart():
    far = LAD + np.array([40.0, 0, 0])
    with pytest.raises(GeometryError, match=r"test\.vtp: There are several trees: .* path 2"):
        build([path(LAD), path(far)])


def test_no_path_is_a_sentence():
    with pytest.raises(GeometryError, match="None of its paths 1 to"):
        merge_paths([path(LAD[:1])], source="test.vtp")


def real_paths(shared: Path, name: str) -> list[Path3D]:
    """Radii are not part of the data: 1.5 mm tapering to half of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        points = np.load(shared / "real_centerlines" / f"{name}.npy").astype(float)
    gaps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    pieces = np.split(points, np.flatnonzero(gaps > 5.0) + 1)
    return [Path3D(piece, np.linspace(1.5, 0.75, len(piece))) for piece in pieces]


def test_real_left_and_right_trees_keep_every_outlet(shared: Path):
    paths = real_paths(shared, "ORCA_centerlines")
    is_left = [p.points[0][0] > 92.5 for p in paths]
    left = build([p for p, here in zip(paths, is_left, strict=True) if here])
    right = build([p for p, here in zip(paths, is_left, strict=True) if not here])
    assert (len(left.outlets), len(right.outlets)) == (10, 8)
    assert left.length == pytest.approx(0.513, abs=2e-3)
    assert right.length == pytest.approx(0.424, abs=2e-3)
    with pytest.raises(GeometryError, match="several trees"):
        build(paths)


def test_real_vessels_that_leave_one_place_apart_are_no_tree(shared: Path):
    with pytest.raises(GeometryError, match="The ostium, point 1, has 2 children"):
        build([p for p in real_paths(shared, "centerlines") if p.points[0][0] > 50])
