"""Wall shear stress on exact velocity fields."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.indices.wall_shear import compute_wall_shear

VISCOSITY = 3.5e-3


def quadratic_field(points):
    """A divergence-free quadratic velocity field, in m and m/s."""
    x, y, z = 1e3 * points.T
    return np.column_stack([x * y + z**2, 2 * z - 0.5 * y**2 + x, x**2 - 3 * x * y + y])


def exact_shear(points, normals):
    """Tangential part of -2 mu D n of ``quadratic_field``."""
    x, y, z = 1e3 * points.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    gradient = 1e3 * np.array(
        [[y, x, 2 * z], [one, -y, 2 * one], [2 * x - 3 * y, -3 * x + one, zero]]
    )
    viscous = -VISCOSITY * np.einsum("ijn,nj->ni", gradient + gradient.transpose(1, 0, 2), normals)
    return viscous - np.sum(viscous * normals, axis=1)[:, None] * normals


@pytest.mark.parametrize("curved", [False, True])
def test_shear_of_a_quadratic_field_is_exact(tools, curved):
    tube = tools.poiseuille_tube(curved=curved)
    solution = replace(tube.solution, velocity=quadratic_field(tube.mesh.points))
    wall = compute_wall_shear(solution, at="points")
    expected = exact_shear(wall.points, wall.normals)
    assert np.abs(wall.traction - expected).max() < 1e-10 * np.abs(expected).max()


def test_facet_values_are_area_means_of_their_points(tools):
    tube = tools.poiseuille_tube()
    solution = replace(tube.solution, velocity=quadratic_field(tube.mesh.points))
    facets, points = (compute_wall_shear(solution, at=at) for at in ("facets", "points"))
    area = points.weights.reshape(-1, 6)
    assert np.allclose(facets.weights, area.sum(axis=1), rtol=1e-12)
    force = (points.weights[:, None] * points.traction).reshape(-1, 6, 3).sum(axis=1)
    assert np.allclose(facets.weights[:, None] * facets.traction, force, rtol=1e-12, atol=0)


def test_unknown_sampling_is_refused(tools):
    with pytest.raises(InputError, match="facets"):
        compute_wall_shear(tools.poiseuille_tube().solution, at="nodes")


def test_poiseuille_shear_is_four_mu_q_over_pi_r_cubed(tools):
    tube = tools.poiseuille_tube()
    wall = compute_wall_shear(tube.solution)
    assert np.allclose(wall.magnitude, tube.shear, rtol=1e-3)
    assert np.allclose(wall.traction[:, 2], tube.shear, rtol=1e-3)


def test_poiseuille_shear_has_the_published_value(tools):
    wall = compute_wall_shear(tools.poiseuille_tube(radius=1.5e-3, flow=1e-6).solution)
    assert np.average(wall.magnitude, weights=wall.weights) == pytest.approx(1.3204, rel=1e-4)


def test_weights_are_the_area_and_normals_point_outwards(tools):
    tube = tools.poiseuille_tube()
    wall = compute_wall_shear(tube.solution)
    assert wall.weights.sum() == pytest.approx(2 * np.pi * tube.radius * tube.length, rel=1e-4)
    radial = wall.points * [1.0, 1.0, 0.0] / tube.radius
    assert np.allclose(np.sum(wall.normals * radial, axis=1), 1.0, atol=1e-4)


def test_shear_turns_with_the_vessel(tools):
    tube = tools.poiseuille_tube()
    turn = tools.rotation(0.7, np.array([0.6, 0.0, 0.8]))
    still = compute_wall_shear(tube.solution)
    turned = compute_wall_shear(
        replace(
            tube.solution,
            mesh=tools.moved_mesh(tube.mesh, turn, np.array([0.1, -0.2, 0.05])),
            velocity=tube.solution.velocity @ turn.T,
        )
    )
    assert np.allclose(turned.traction, still.traction @ turn.T, atol=1e-10 * tube.shear)
    assert np.allclose(turned.weights, still.weights, rtol=1e-9)


def test_rigid_rotation_has_no_shear(tools):
    tube = tools.poiseuille_tube()
    spin = np.cross([3.0, -2.0, 5.0], tube.mesh.points)
    wall = compute_wall_shear(replace(tube.solution, velocity=spin))
    assert wall.magnitude.max() < 1e-12


def test_lumen_and_mesh_place_wall_points_alike(tools):
    tube = tools.poiseuille_tube()
    by_mesh = compute_wall_shear(tube.solution, at="points")
    by_lumen = compute_wall_shear(tube.solution, tube.lumen, at="points")
    assert np.allclose(by_mesh.abscissa, by_mesh.points[:, 2], atol=1e-12)
    assert np.allclose(by_lumen.abscissa, by_lumen.points[:, 2], atol=1e-12)


def test_points_know_their_branch(tools):
    tree = tools.y_tree()
    wall = compute_wall_shear(tree.solution, tree.lumen)
    for index, radius in enumerate(tree.radii):
        expected = 4 * VISCOSITY * tree.flows[index] / (np.pi * radius**3)
        clear = (wall.branch == index) & (np.abs(wall.abscissa - 20e-3) > 5e-3)
        assert np.allclose(wall.magnitude[clear], expected, rtol=1e-3)
