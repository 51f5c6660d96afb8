"""Axial plaque stress: its identities on exact fields."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from corohemo.errors import ConfigError, GeometryError
from corohemo.indices.plaque_stress import compute_plaque_stress
from corohemo.lumen import Lumen
from corohemo.units import MMHG


def vessel(tools, radius, length, lesion, *, n=61, n_angles=16):
    """A straight vessel at rest under no pressure."""
    mesh = tools.swept_mesh(
        tools.straight_place(radius), np.linspace(0, length, n), n_angles=n_angles
    )
    lumen = Lumen((tools.straight_branch(radius, length),), (tools.make_lesion(*lesion),))
    still = tools.make_solution(mesh, np.zeros((len(mesh.points), 3)), np.zeros(len(mesh.points)))
    return SimpleNamespace(mesh=mesh, lumen=lumen, still=still, radius=radius, length=length)


def stenosis(z):
    """1.5 mm tube with a cosine narrowing of half its radius, 10-20 mm."""
    inside = np.abs(z - 15e-3) < 5e-3
    return 1.5e-3 * (1 - 0.25 * inside * (1 + np.cos(2 * np.pi * (z - 15e-3) / 10e-3)))


def cone(z):
    return 1.5e-3 - 0.075 * z


def area(radius, z):
    return np.pi * float(radius(np.array([z]))[0]) ** 2


def stress(case, **fields):
    return compute_plaque_stress(replace(case.still, **fields), case.lumen)[0]


def test_pressure_offset_changes_the_force_by_its_end_areas(tools):
    case = vessel(tools, stenosis, 30e-3, (10e-3, 15e-3, 20e-3))
    p0 = 90 * MMHG
    result = stress(case, pressure=np.full(len(case.mesh.points), p0))
    step = p0 * (area(stenosis, 10e-3) - area(stenosis, 15e-3))
    assert result.upstream_force == pytest.approx(step, rel=1e-3)
    assert result.downstream_force == pytest.approx(-step, rel=1e-3)
    assert abs(result.force) < 1e-3 * step
    assert result.upstream == pytest.approx(step / result.upstream_area, rel=1e-3)


def test_force_closes_exactly_over_the_whole_vessel(tools):
    case = vessel(tools, stenosis, 30e-3, (0.0, 15e-3, 30e-3))
    result = stress(case, pressure=np.full(len(case.mesh.points), 90 * MMHG))
    assert abs(result.force) < 1e-9 * result.upstream_force


def test_momentum_balances_in_a_straight_tube(tools):
    tube = tools.poiseuille_tube()
    lumen = replace(tube.lumen, lesions=(tools.make_lesion(7.3e-3, 15.1e-3, 24.9e-3),))
    result = compute_plaque_stress(tube.solution, lumen)[0]
    gradient = 8 * 3.5e-3 * tube.flow / (np.pi * tube.radius**4)
    drop = gradient * (24.9e-3 - 7.3e-3)
    assert result.force == pytest.approx(drop * np.pi * tube.radius**2, rel=1e-3)


def test_poiseuille_stress_is_the_wall_shear(tools):
    tube = tools.poiseuille_tube()
    lumen = replace(tube.lumen, lesions=(tools.make_lesion(7.3e-3, 15.1e-3, 24.9e-3),))
    result = compute_plaque_stress(tube.solution, lumen)[0]
    for value in (result.upstream, result.downstream, result.net, result.mean_magnitude):
        assert value == pytest.approx(tube.shear, rel=1e-3)


def test_uniform_pressure_in_a_cone_gives_p_sine(tools):
    case = vessel(tools, cone, 10e-3, (2.1e-3, 4.9e-3, 8.3e-3))
    p0 = 90 * MMHG
    result = stress(case, pressure=np.full(len(case.mesh.points), p0))
    sine = 0.075 / np.hypot(1, 0.075)
    assert result.upstream == pytest.approx(p0 * sine, rel=1e-4)
    assert result.downstream == pytest.approx(p0 * sine, rel=1e-4)
    assert result.net == pytest.approx(p0 * sine, rel=1e-4)


def test_published_cone_has_the_published_size(tools):
    def published(z):
        return 1.5e-3 - 0.15 * z

    case = vessel(tools, published, 5e-3, (0.0, 2.5e-3, 5e-3))
    result = stress(case, pressure=np.full(len(case.mesh.points), 90 * MMHG))
    assert 10 * result.net == pytest.approx(17_800, rel=0.01)


def test_a_border_inside_a_facet_splits_its_area(tools):
    case = vessel(tools, cone, 10e-3, (2.13e-3, 4.97e-3, 8.31e-3), n=8)
    result = stress(case)
    slant = np.hypot(1, 0.075)

    def side(a, b):
        return np.pi * slant * (cone(a) + cone(b)) * (b - a)

    assert result.upstream_area == pytest.approx(side(2.13e-3, 4.97e-3), rel=2e-3)
    assert result.downstream_area == pytest.approx(side(4.97e-3, 8.31e-3), rel=2e-3)


def test_stress_does_not_move_with_the_vessel(tools):
    case = vessel(tools, stenosis, 30e-3, (10e-3, 15e-3, 20e-3))
    turn, shift = tools.rotation(1.1, np.array([0.0, 0.6, 0.8])), np.array([0.1, 0.0, -0.3])
    pressure = 1e4 - 1e5 * case.mesh.points[:, 2]
    moved = SimpleNamespace(
        lumen=Lumen((tools.moved_branch(case.lumen.branches[0], turn, shift),), case.lumen.lesions),
        still=replace(case.still, mesh=tools.moved_mesh(case.mesh, turn, shift)),
    )
    one, other = stress(case, pressure=pressure), stress(moved, pressure=pressure)
    assert other.upstream == pytest.approx(one.upstream, rel=1e-8)
    assert other.net == pytest.approx(one.net, rel=1e-6, abs=1e-8 * one.upstream)


def test_reference_pressure_is_subtracted(tools):
    case = vessel(tools, cone, 10e-3, (2e-3, 5e-3, 8e-3))
    pressure = np.full(len(case.mesh.points), 90 * MMHG)
    solution = replace(case.still, pressure=pressure)
    gauge, local, venous = (
        compute_plaque_stress(solution, case.lumen, reference=reference)[0]
        for reference in ("gauge", "local", "venous")
    )
    assert gauge.reference_pressure == 0
    assert local.reference_pressure == pytest.approx(90 * MMHG)
    assert venous.reference_pressure == pytest.approx(5 * MMHG)
    assert abs(local.net) < 1e-9 * gauge.net
    assert venous.net == pytest.approx(85 / 90 * gauge.net)


def test_unknown_reference_names_the_nearest(tools):
    case = vessel(tools, cone, 10e-3, (2e-3, 5e-3, 8e-3))
    with pytest.raises(ConfigError, match="gauge, local, venous") as caught:
        compute_plaque_stress(case.still, case.lumen, reference="gage")
    assert caught.value.nearest == "gauge"


def test_a_lesion_beyond_the_mesh_is_refused(tools):
    case = vessel(tools, cone, 10e-3, (2e-3, 5e-3, 8e-3))
    far = replace(case.lumen, lesions=(tools.make_lesion(20e-3, 21e-3, 22e-3),))
    with pytest.raises(GeometryError, match="no wall in the mesh"):
        compute_plaque_stress(case.still, far)


def test_a_lesion_up_to_the_outlet_has_no_downstream_part(tools):
    case = vessel(tools, cone, 10e-3, (2e-3, 10e-3, 10e-3))
    result = stress(case)
    assert result.downstream is None
    assert result.downstream_area == 0
