"""Wall shear at the nodes of the wall on fields that the mesh holds exactly."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.indices.wall_nodes import nodal_wall_shear
from corohemo.indices.wall_shear import compute_wall_shear

SIDES = 16


def test_poiseuille_flow_in_a_prism_has_one_shear_at_all_nodes(tools):
    tube = tools.poiseuille_tube(curved=False, n_angles=SIDES, length=12e-3)
    nodes, traction = nodal_wall_shear(tube.solution)
    wall = tube.mesh.facets[tube.mesh.facet_face == tube.mesh.faces.index("wall")]
    assert np.array_equal(nodes, np.unique(wall))
    exact = np.array([0.0, 0.0, tube.shear * np.cos(np.pi / SIDES)])
    assert np.abs(traction - exact).max() < 1e-10 * exact[2]


def test_a_linear_field_gives_the_area_mean_of_the_facets_around(tools):
    tube = tools.poiseuille_tube(curved=False, n_angles=SIDES, length=12e-3)
    gradient = np.array([[30.0, 7.0, -4.0], [2.0, -50.0, 9.0], [80.0, -6.0, 20.0]])
    solution = replace(tube.solution, velocity=tube.mesh.points @ gradient.T)
    facets = compute_wall_shear(solution)
    wall = tube.mesh.facets[tube.mesh.facet_face == tube.mesh.faces.index("wall")]
    nodes, traction = nodal_wall_shear(solution)
    for node in (nodes[0], nodes[len(nodes) // 2], nodes[-1]):
        around = (wall == node).any(axis=1)
        mean = np.average(facets.traction[around], axis=0, weights=facets.weights[around])
        assert traction[nodes == node][0] == pytest.approx(mean, rel=1e-10, abs=1e-12)


def test_poiseuille_flow_in_a_round_tube_is_close_at_every_node(tools):
    tube = tools.poiseuille_tube(length=12e-3)
    _, traction = nodal_wall_shear(tube.solution)
    assert np.linalg.norm(traction, axis=1) == pytest.approx(tube.shear, rel=2e-3)
