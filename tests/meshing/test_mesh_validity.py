"""What every mesh must be: conforming, closed, positive, named, planar at its caps."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.kernels.jacobian import cell_jacobians
from corohemo.kernels.quadratic import facet_quadrature
from corohemo.meshing.assemble import cell_edges
from corohemo.meshing.quality import mesh_quality

TREES = {
    "tube": lambda: ch.gallery.tube(),
    "stenosis": lambda: ch.gallery.cosine_stenosis(percent_diameter_stenosis=70),
    "y30": lambda: ch.gallery.y_bifurcation(angle_deg=30),
    "y60": lambda: ch.gallery.y_bifurcation(angle_deg=60),
    "y110": lambda: ch.gallery.y_bifurcation(angle_deg=110),
    "left": lambda: ch.gallery.left_tree(),
}


@pytest.fixture(scope="module", params=TREES, ids=str)
def case(request):
    lumen = ch.build_lumen(TREES[request.param]())
    return lumen, ch.mesh_lumen(lumen)


def test_every_curved_cell_has_positive_jacobians(case):
    _, mesh = case
    low, high, _ = cell_jacobians(mesh.points, mesh.cells)
    assert low.min() > 0
    assert (low / high).min() > 0.02


def test_boundary_is_closed(case):
    _, mesh = case
    assert mesh_quality(mesh).closure < 1e-12


def test_cells_conform(case):
    """The boundary encloses the sum of the cells only if there are no gaps or overlaps."""
    _, mesh = case
    positions, vectors = facet_quadrature(mesh.points, mesh.facets)
    enclosed = np.einsum("kqd,kqd->", positions, vectors) / 3.0
    assert enclosed == pytest.approx(mesh_quality(mesh).volume, rel=1e-9)


def test_every_node_belongs_to_a_cell_and_is_unique(case):
    _, mesh = case
    assert np.array_equal(np.unique(mesh.cells), np.arange(len(mesh.points)))
    edges, _ = cell_edges(mesh.cells[:, :4])
    assert len(mesh.points) == len(np.unique(mesh.cells[:, :4])) + len(edges)


def test_faces_are_named_after_the_outlets(case):
    lumen, mesh = case
    assert mesh.faces == ("inlet", *(f"outlet:{name}" for name in lumen.outlet_names), "wall")


def test_caps_are_planar_circles_of_exact_area(case):
    lumen, mesh = case
    _, vectors = facet_quadrature(mesh.points, mesh.facets)
    for k, name in enumerate(mesh.faces[:-1]):
        mine = mesh.facet_face == k
        total = vectors[mine].sum(axis=(0, 1))
        area = np.linalg.norm(vectors[mine], axis=2).sum()
        assert np.linalg.norm(total) == pytest.approx(area, rel=1e-9), name
        branch = lumen.branches[0]
        radius = branch.radii[0]
        if name != "inlet":
            branch = next(b for b in lumen.branches if f"outlet:{b.name}" == name)
            radius = branch.radii[-1]
        assert area == pytest.approx(np.pi * radius**2, rel=2e-3), name


def test_facets_point_out_and_know_their_cell(case):
    _, mesh = case
    centers = mesh.points[mesh.cells[mesh.facet_cell, :4]].mean(axis=1)
    a, b, c = (mesh.points[mesh.facets[:, k]] for k in range(3))
    assert (np.sum(np.cross(b - a, c - a) * (a - centers), axis=1) > 0).all()
    inside = [
        set(f) <= set(c) for f, c in zip(mesh.facets, mesh.cells[mesh.facet_cell], strict=True)
    ]
    assert all(inside)


def test_meshing_twice_gives_the_same_mesh(bifurcation, bifurcation_mesh):
    again = ch.mesh_lumen(bifurcation)
    assert np.array_equal(again.points, bifurcation_mesh.points)
    assert np.array_equal(again.cells, bifurcation_mesh.cells)
