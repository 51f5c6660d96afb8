from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corohemo.meshing.mesh import VTK_EDGES, LumenMesh
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


@pytest.fixture
def mesh() -> LumenMesh:
    """One straight-sided quadratic tetrahedron of 2 mm edges; two of its facets are wall."""
    points = np.zeros((10, 3))
    points[1:4] = 2e-3 * np.eye(3)
    for node, (a, b) in enumerate(VTK_EDGES, start=4):
        points[node] = (points[a] + points[b]) / 2
    facets = [[0, 2, 1, 6, 5, 4], [0, 1, 3, 4, 8, 7], [1, 2, 3, 5, 9, 8], [0, 3, 2, 7, 9, 6]]
    return LumenMesh(
        points=points,
        cells=np.arange(10)[None],
        facets=np.array(facets),
        facet_face=np.array([0, 1, 2, 2]),
        faces=("inlet", "outlet:LAD", "wall"),
        node_branch=np.arange(10) % 2,
        node_abscissa=np.linspace(0, 2e-3, 10),
        facet_cell=np.zeros(4, dtype=np.int64),
        notes=("The end was drawn out.", "A second note."),
    )
