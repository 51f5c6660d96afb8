from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corohemo.tree import VesselTree

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared data are not here")
    return SHARED


@pytest.fixture
def tree() -> VesselTree:
    """LM into LAD and LCx; a diagonal leaves the LAD and starts with a radius of its own."""
    points = [
        [0, 0, 0], [0, 0, 5], [0, 0.1, 10],
        [3, 0, 15], [6, 0, 20], [9, 0, 25],
        [-3, 0, 15.5], [-6, 0.3, 20],
        [6, 0, 20], [6, 4, 24],
    ]  # fmt: skip
    radii = [2.2, 2.1, 2.0, 1.6, 1.5, 1.3, 1.4, 1.2, 0.9, 0.8]
    parents = [-1, 0, 1, 2, 3, 4, 2, 6, 4, 8]
    names = ["LM"] * 3 + ["LAD"] * 3 + ["LCx"] * 2 + ["D1"] * 2
    return VesselTree.from_arrays(points, radii, parents, names=names, length_unit="mm")


def assert_same_tree(ours: VesselTree, theirs: VesselTree) -> None:
    assert [b.name for b in ours.branches] == [b.name for b in theirs.branches]
    assert [b.parent for b in ours.branches] == [b.parent for b in theirs.branches]
    for a, b in zip(ours.branches, theirs.branches, strict=True):
        np.testing.assert_allclose(a.points, b.points, rtol=1e-14, atol=0)
        np.testing.assert_allclose(a.radii, b.radii, rtol=1e-14, atol=0)
