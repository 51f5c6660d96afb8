"""Lumens whose sections are not circles, from contours to mesh."""

import dataclasses

import numpy as np
import pytest

import corohemo as ch
from corohemo.contours import contour_area
from corohemo.kernels.implicit import tube_value
from corohemo.kernels.jacobian import cell_jacobians
from corohemo.kernels.union import Union, blended_values
from corohemo.meshing.quality import mesh_quality
from corohemo.meshing.sweep import disk_points
from corohemo.meshing.tubes import build_tubes
from corohemo.section_shape import fit_shape, relative_radii

ANGLES = 2 * np.pi * np.arange(128) / 128


def ellipse(section, aspect, turn):
    """Closed contour of the section's area, wider along ``turn`` [rad]."""
    x, y = np.sqrt(aspect) * np.cos(ANGLES), np.sin(ANGLES) / np.sqrt(aspect)
    along = np.cos(turn) * section.normal + np.sin(turn) * section.binormal
    across = np.cross(section.tangent, along)
    return section.center + section.radius * (np.outer(x, along) + np.outer(y, across))


def flattened(tree, aspect, turn=0.4, clear_radii=2.5):
    """The tree with elliptical contours every 0.25 mm, but for the surroundings of bifurcations."""
    branches = []
    for index, branch in enumerate(tree.branches):
        round_branch = ch.build_lumen(tree).branches[index]
        low, high = round_branch.abscissas[[0, -1]]
        low += clear_radii * branch.radii[1] * (branch.parent >= 0)
        high -= clear_radii * branch.radii[-1] * bool(tree.children(index))
        places = np.linspace(low, high, round((high - low) / 0.25e-3) + 1)
        contours = [ellipse(round_branch.section_at(s), aspect, turn) for s in places]
        branches.append(dataclasses.replace(branch, contours=tuple(contours)))
    return dataclasses.replace(tree, branches=tuple(branches))


@pytest.fixture(scope="module")
def elliptical_y():
    return ch.build_lumen(flattened(ch.gallery.y_bifurcation(angle_deg=60), 1.6))


def test_fit_gives_back_the_area_and_the_ellipse():
    outline = np.stack([2.0 * np.cos(ANGLES + 0.3), np.sin(ANGLES + 0.3)], axis=1)
    radius, shape = fit_shape(outline)
    assert np.pi * radius**2 == pytest.approx(2.0 * np.pi, rel=1e-3)
    x, y = np.cos(ANGLES), np.sin(ANGLES)
    exact = 1.0 / np.hypot(x / 2.0, y)
    assert radius * relative_radii(shape[None], ANGLES)[0] == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_fitted_shape_has_the_area_wherever_its_center_is(shift):
    outline = np.stack([np.cos(ANGLES) + shift, np.sin(ANGLES)], axis=1)
    radius, shape = fit_shape(outline)
    rho = radius * relative_radii(shape[None], ANGLES)[0]
    assert np.pi * np.mean(rho**2) == pytest.approx(np.pi, rel=1e-3)


def test_direction_of_a_contour_does_not_matter():
    outline = np.stack([1.5 * np.cos(ANGLES), np.sin(ANGLES)], axis=1)
    assert fit_shape(outline)[1] == pytest.approx(fit_shape(outline[::-1])[1], abs=1e-12)


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        (np.stack([np.cos(ANGLES) + 1.5, np.sin(ANGLES)], axis=1), "around"),
        (np.stack([np.cos(ANGLES), 0.1 * np.sin(ANGLES)], axis=1), "flat"),
        (
            (1 + 0.5 * np.cos(2 * ANGLES))[:, None]
            * np.stack(
                [np.cos(ANGLES + np.sin(3 * ANGLES)), np.sin(ANGLES + np.sin(3 * ANGLES))], 1
            ),
            "winds back",
        ),
    ],
)
def test_contours_without_a_radius_function_are_refused(outline, said):
    with pytest.raises(ch.GeometryError, match=said):
        fit_shape(outline)


def test_elliptical_tube_has_exact_area_and_volume():
    lumen = ch.build_lumen(flattened(ch.gallery.tube(diameter_mm=3, length_mm=30), 1.5))
    assert lumen.branches[0].radii == pytest.approx(1.5e-3, rel=5e-4)
    mesh = ch.mesh_lumen(lumen)
    assert mesh_quality(mesh).volume == pytest.approx(np.pi * 1.5e-3**2 * 30e-3, rel=2e-3)


def test_twisting_ellipse_keeps_its_area_along_the_branch():
    tree = ch.gallery.tube(diameter_mm=3, length_mm=30)
    straight = ch.build_lumen(tree).branches[0]
    contours = [ellipse(straight.section_at(s), 1.6, 150.0 * s) for s in np.linspace(0, 30e-3, 121)]
    branch = dataclasses.replace(tree.branches[0], contours=tuple(contours))
    lumen = ch.build_lumen(dataclasses.replace(tree, branches=(branch,)))
    for s in np.linspace(1e-3, 29e-3, 15):
        outline = lumen.section_at("tube", s).outline(ANGLES)
        assert contour_area(outline) == pytest.approx(np.pi * 1.5e-3**2, rel=5e-3)


def test_swept_walls_lie_on_the_implicit_surface(elliptical_y):
    tube = build_tubes(elliptical_y)[0]
    random = np.random.default_rng(3)
    coordinates = random.uniform(tube.first, tube.last, 50)
    points = disk_points(tube, coordinates, np.ones(50), random.uniform(0, 2 * np.pi, 50))
    values = [tube_value(x, tube.walls, 0, len(tube.radii) - 1, False)[0] for x in points]
    assert np.abs(values).max() < 1e-12


def test_outward_direction_is_normal_to_the_wall_of_a_straight_vessel():
    lumen = ch.build_lumen(flattened(ch.gallery.tube(diameter_mm=3, length_mm=30), 1.6))
    tube = build_tubes(lumen)[0]
    points = disk_points(tube, np.full(9, 40.5), np.ones(9), np.linspace(0, 6, 9))
    spans = np.array([[0, len(tube.radii) - 1, 0]])
    union = Union(tube.walls, tube.extents, np.full(len(tube.radii), 0.3), spans)
    _, outward, _, _ = blended_values(points, union)
    step = 1e-7
    for axis in range(3):
        moved = [points + sign * step * np.eye(3)[axis] for sign in (1, -1)]
        up, down = (blended_values(p, union)[0] for p in moved)
        slope = (up - down) / (2 * step)
        lengths = np.linalg.norm(outward, axis=1)
        assert lengths == pytest.approx(1.0)
        if axis == 0:
            assert slope == pytest.approx(0.0, abs=1e-6)
        else:
            assert np.sign(outward[:, axis]) == pytest.approx(np.sign(slope))


def test_bifurcation_of_elliptical_vessels_is_meshed(elliptical_y):
    mesh = ch.mesh_lumen(elliptical_y)
    low, high, _ = cell_jacobians(mesh.points, mesh.cells)
    assert (low / high).min() > 0.02
    round_mesh = ch.mesh_lumen(ch.build_lumen(ch.gallery.y_bifurcation(angle_deg=60)))
    ratio = mesh_quality(mesh).volume / mesh_quality(round_mesh).volume
    assert ratio == pytest.approx(1.0, abs=0.01)


def test_daughter_starts_round_and_parts_keep_their_shape(elliptical_y):
    daughter = next(b for b in elliptical_y.branches if b.parent >= 0 and not b.continues)
    assert daughter.shapes[0] == pytest.approx(0.0)
    assert np.abs(daughter.shapes[-1]).max() > 0.1


def test_a_contour_that_is_not_star_shaped_is_refused_with_its_place():
    tree = flattened(ch.gallery.tube(diameter_mm=3, length_mm=30), 1.5)
    contours = list(tree.branches[0].contours)
    contours[40] = contours[40] + 4e-3 * np.eye(3)[1]
    branch = dataclasses.replace(tree.branches[0], contours=tuple(contours))
    with pytest.raises(ch.GeometryError, match="around its center") as refusal:
        ch.build_lumen(dataclasses.replace(tree, branches=(branch,)))
    assert refusal.value.branch == "tube"
    assert refusal.value.abscissa == pytest.approx(10e-3, abs=1e-3)
