"""Every wall and plaque index of a cycle on fields that the mesh holds exactly: to 1e-10.

The walls are flat: a prism with sixteen sides is an exact mesh, and Poiseuille's parabola has the
same shear on all of them, R cos(pi / 16) from the axis.
"""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.indices.plaque_stress import compute_plaque_stress
from corohemo.indices.wall_divergence import compute_shear_divergence
from corohemo.indices.wall_pulse import WallPulse, wall_regions
from corohemo.indices.wall_sectors import sector_wall_shear
from corohemo.indices.wall_shear import compute_wall_shear
from corohemo.kernels.divergence import add_edge_fluxes, edge_fluxes, flux_divergence
from corohemo.kernels.facets import facet_edges
from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS
from corohemo.kernels.wall import wall_stress
from corohemo.lumen import Lumen
from corohemo.solvers.shear_sums import ShearSums
from corohemo.units import MMHG

VISCOSITY = 3.5e-3
SIDES = 16
N = 32
PHASES = 2 * np.pi * np.arange(1, N + 1) / N
TIGHT = {"rel": 1e-10, "abs": 1e-10}


def wall_of(mesh):
    return np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))


def shear_of(mesh, velocity):
    """Positions, normals, areas and shear at the wall's points."""
    wall = wall_of(mesh)
    positions, vectors, shear, _ = wall_stress(
        *(mesh.points, mesh.cells, mesh.facets[wall], mesh.facet_cell[wall], velocity),
        *(np.zeros(len(velocity)), VISCOSITY, TRIANGLE_POINTS, TRIANGLE_WEIGHTS),
    )
    areas = np.linalg.norm(vectors, axis=2)
    return positions, vectors / areas[..., None], areas, shear


def divergence_of(mesh, velocity, areas):
    wall = wall_of(mesh)
    fluxes = edge_fluxes(
        *(mesh.points, mesh.cells, mesh.facets[wall], mesh.facet_cell[wall], velocity),
        *(VISCOSITY, 1e-3),
    )
    edges, signs, shares = facet_edges(mesh.facets[wall])
    through = np.zeros(len(shares))
    add_edge_fluxes(fluxes, edges, signs, shares, through)
    return flux_divergence(through, edges, signs, areas.sum(axis=1))


def over_cycle(mesh, velocities):
    """Statistics of the last of two equal cycles of velocity fields."""
    positions, normals, areas, _ = shear_of(mesh, velocities[0])
    sums = ShearSums(normals)
    for _ in range(2):
        sums.begin()
        for velocity in velocities:
            shear = shear_of(mesh, velocity)[3]
            sums.add(shear, divergence_of(mesh, velocity, areas))
    return sums.statistics(positions, areas)


@pytest.fixture
def prism(tools):
    return tools.poiseuille_tube(curved=False, n_angles=SIDES, length=12e-3)


def test_steady_poiseuille_has_one_shear_and_nothing_else(prism):
    shear = prism.shear * np.cos(np.pi / SIDES)
    found = over_cycle(prism.mesh, [prism.solution.velocity] * 4)
    assert found.tawss == pytest.approx(shear, rel=1e-10)
    assert found.rrt == pytest.approx(1 / shear, rel=1e-10)
    for name in ("osi", "ecap", "trans_wss", "cfi", "tsvi", "turn"):
        assert getattr(found, name) == pytest.approx(0.0, abs=1e-10)
    assert compute_shear_divergence(prism.solution) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("mean", "swing"), [(1.0, 0.6), (0.4, 1.0)])
def test_pulsating_poiseuille_has_the_indices_of_its_amplitude(prism, mean, swing):
    size = mean + swing * np.cos(PHASES)
    shear = prism.shear * np.cos(np.pi / SIDES)
    found = over_cycle(prism.mesh, [a * prism.solution.velocity for a in size])
    tawss = shear * np.abs(size).mean()
    osi = 0.5 * (1 - mean / np.abs(size).mean())
    assert found.tawss == pytest.approx(tawss, **TIGHT)
    assert found.osi == pytest.approx(osi, **TIGHT)
    assert found.ecap == pytest.approx(osi / tawss, **TIGHT)
    assert found.rrt == pytest.approx(1 / (shear * mean), **TIGHT)
    assert found.peak == pytest.approx(shear * np.abs(size).max(), **TIGHT)
    for name in ("trans_wss", "cfi", "tsvi", "turn"):
        assert getattr(found, name) == pytest.approx(0.0, abs=1e-10)


def test_lesions_facets_and_sectors_say_the_same_of_an_even_wall(prism, tools):
    lumen = Lumen(prism.lumen.branches, (tools.make_lesion(3.1e-3, 5.0e-3, 8.3e-3),))
    size = 0.4 + np.cos(PHASES)
    spun = np.cross([0.0, 0.0, 40.0], prism.mesh.points)
    spun *= 1.0 - (prism.mesh.points[:, :2] ** 2).sum(axis=1)[:, None] / prism.radius**2
    velocities = [a * prism.solution.velocity for a in size]
    statistics = over_cycle(prism.mesh, velocities)
    wall = compute_wall_shear(prism.solution, lumen)
    pulse = WallPulse.of(statistics, len(wall.points))
    regions = wall_regions(pulse, lumen, wall)
    assert [region.name for region in regions] == ["wall", "lesion 1"]
    sectors = sector_wall_shear(wall, lumen)
    for name, key in (("tawss", "tawss_pa"), ("osi", "osi"), ("ecap", "ecap_1_pa")):
        exact = getattr(statistics, name)[0]
        assert getattr(pulse, name) == pytest.approx(exact, rel=1e-10)
        assert sectors.mean(getattr(pulse, name)) == pytest.approx(exact, rel=1e-10)
        for region in regions:
            assert getattr(region, key) == pytest.approx(exact, rel=1e-10)
    for region in regions:
        assert region.trans_wss_pa == pytest.approx(0.0, abs=1e-10)
        assert region.cfi == pytest.approx(0.0, abs=1e-10)
        assert region.tsvi_1_m == pytest.approx(0.0, abs=1e-10)
        assert region.turn_max_deg == pytest.approx(0.0, abs=1e-10)


def test_shear_that_turns_on_the_wall_has_the_sums_of_its_definition(prism):
    x, y, z = prism.mesh.points.T
    along = prism.solution.velocity
    around = 1e5 * np.column_stack([y**2 + z**2, x**2, x * y + z**2])
    velocities = [(1.0 + 0.3 * np.cos(p)) * along + np.sin(p + 0.5) * around for p in PHASES]
    found = over_cycle(prism.mesh, velocities)
    _, normals, _, _ = shear_of(prism.mesh, velocities[0])
    series = np.array([exact_shear(prism, p, found.points, normals.reshape(-1, 3)) for p in PHASES])
    mean = series.mean(axis=0)
    size = np.linalg.norm(series, axis=2)
    across = np.cross(normals.reshape(-1, 3), mean / np.linalg.norm(mean, axis=1)[:, None])
    sideways = np.abs(np.einsum("tnd,nd->tn", series, across))
    osi = 0.5 * (1 - np.linalg.norm(mean, axis=1) / size.mean(axis=0))
    assert np.median(sideways.mean(axis=0)) > 0.05
    assert found.trans_wss == pytest.approx(sideways.mean(axis=0), rel=1e-10)
    assert found.cfi == pytest.approx((sideways / size).mean(axis=0), rel=1e-10)
    assert found.tawss == pytest.approx(size.mean(axis=0), rel=1e-10)
    assert found.ecap == pytest.approx(osi / size.mean(axis=0), rel=1e-9, abs=1e-12)


def exact_shear(prism, phase, points, normals):
    """Tangential part of -2 mu D n of the field above (n, 3)."""
    x, y, z = points.T
    top = 2 * prism.flow / (np.pi * prism.radius**2)
    zero = np.zeros_like(x)
    slope = -2 * top / prism.radius**2 * (1.0 + 0.3 * np.cos(phase))
    c = 1e5 * np.sin(phase + 0.5)
    gradient = np.array(
        [
            [zero, 2 * c * y, 2 * c * z],
            [2 * c * x, zero, zero],
            [slope * x + c * y, slope * y + c * x, 2 * c * z],
        ]
    )
    viscous = -VISCOSITY * np.einsum("ijn,nj->ni", gradient + gradient.transpose(1, 0, 2), normals)
    return viscous - np.sum(viscous * normals, axis=1)[:, None] * normals


def duct(tools, half=1e-3):
    """A square duct along z whose walls lie at x, y = +-half."""

    def place(p):
        turn = p[:, 1] + np.pi / 4
        widest = np.maximum(np.abs(np.cos(turn)), np.abs(np.sin(turn)))
        r = half * p[:, 0] / widest
        return np.column_stack([r * np.cos(turn), r * np.sin(turn), p[:, 2]])

    return tools.swept_mesh(place, np.linspace(0, 4e-3, 9), n_angles=16, curved=False)


def test_shear_that_spreads_has_its_divergence_and_variation(tools):
    half, pull = 1e-3, 3.0
    mesh = duct(tools, half)
    x, y, _ = mesh.points.T
    spread = 40.0 + 30.0 * np.cos(PHASES)
    velocities = [
        1e2 * (half - x)[:, None] * np.column_stack([0 * x, b * y, np.full_like(x, pull)])
        for b in spread
    ]
    found = over_cycle(mesh, velocities)
    nodes = mesh.points[mesh.facets[wall_of(mesh), :3]]
    flat = np.abs(nodes[..., 0] - half).max(axis=1) < 1e-9
    inner = flat & (np.abs(nodes[..., 1]).max(axis=1) < 0.9 * half)
    assert inner.sum() >= 16
    exact = np.array([mean_divergence(nodes[inner, :, 1], b, pull) for b in spread])
    assert found.tsvi[inner] == pytest.approx(exact.std(axis=0), rel=1e-10)
    for velocity, expected in zip(velocities[:3], exact[:3], strict=True):
        solution = tools.make_solution(mesh, velocity, np.zeros(len(x)))
        assert compute_shear_divergence(solution)[inner] == pytest.approx(expected, rel=1e-10)


def mean_divergence(y, b, c):
    """Mean over triangles with corners at y (k, 3) of d/dy (b y / (b^2 y^2 + c^2)^1/2)."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    r, s = np.meshgrid(0.5 * (nodes + 1), 0.5 * (nodes + 1), indexing="ij")
    share = np.outer(weights, weights) / 4 * (1 - r) * 2
    at = y[:, :1, None] * (1 - r - s * (1 - r)) + y[:, 1:2, None] * r + y[:, 2:, None] * s * (1 - r)
    return np.sum(share * b * c**2 / (b**2 * at**2 + c**2) ** 1.5, axis=(1, 2))


def test_no_direction_gets_lost_between_the_facets(tools):
    tube = tools.poiseuille_tube(length=8e-3)
    x, y, z = tube.mesh.points.T
    velocity = tube.solution.velocity + np.column_stack([0.02 * y, 30 * x * z, 5 * x])
    solution = replace(tube.solution, velocity=velocity)
    wall = wall_of(tube.mesh)
    areas = shear_of(tube.mesh, velocity)[2].sum(axis=1)
    fluxes = edge_fluxes(
        *(tube.mesh.points, tube.mesh.cells, tube.mesh.facets[wall], tube.mesh.facet_cell[wall]),
        *(velocity, VISCOSITY, 1e-3),
    )
    edges, _, shares = facet_edges(tube.mesh.facets[wall])
    rim = fluxes[shares[edges] == 1.0]
    assert len(rim) == 32
    total = areas @ compute_shear_divergence(solution)
    assert total == pytest.approx(rim.sum(), rel=1e-9)


def test_divergence_of_sectors_on_a_curved_wall_converges_with_second_order(tools):
    radius, twist = 1.5e-3, 400.0
    errors = []
    for n in (1, 2):
        place = tools.straight_place(lambda s: np.full_like(s, radius))
        mesh = tools.swept_mesh(
            place, np.linspace(0, 6e-3, 8 * n + 1), n_rings=2 * n, n_angles=12 * n
        )
        x, y, z = mesh.points.T
        slack = 1.0 - (x**2 + y**2) / radius**2
        along, around = np.cos(twist * z), np.sin(twist * z) / radius
        velocity = slack[:, None] * np.column_stack([-around * y, around * x, along])
        found = compute_shear_divergence(tools.make_solution(mesh, velocity, np.zeros(len(x))))
        nodes = mesh.points[mesh.facets[wall_of(mesh), :3]]
        areas = shear_of(mesh, velocity)[2].sum(axis=1)
        places = nodes.mean(axis=1)
        turn = np.mod(np.arctan2(places[:, 1], places[:, 0]) / (2 * np.pi), 1.0)
        sector = (places[:, 2] * 1e3).astype(int) * 8 + (turn * 8).astype(int)
        error = areas * (found + twist * np.sin(twist * nodes[..., 2]).mean(axis=1))
        means = np.bincount(sector, error) / np.bincount(sector, areas)
        errors.append(np.abs(means[8:40]).mean() / twist)
    assert errors[1] < 0.015
    assert errors[0] / errors[1] > 3.5


def test_rigid_rotation_has_no_shear_and_no_index(prism):
    spin = np.cross([3.0, -2.0, 5.0], prism.mesh.points)
    found = over_cycle(prism.mesh, [spin * np.cos(p) for p in PHASES[:8]])
    for name in ("tawss", "peak", "osi", "ecap", "tsvi"):
        assert np.abs(getattr(found, name)).max() < 1e-10
    assert np.all(np.isnan(found.trans_wss) & np.isnan(found.cfi))


def test_pyramid_at_rest_has_p_times_its_slope_and_no_shear(tools):
    def radius(z):
        return 1.5e-3 - 0.075 * z

    mesh = tools.swept_mesh(
        tools.straight_place(radius), np.linspace(0, 10e-3, 13), n_angles=SIDES, curved=False
    )
    lumen = Lumen(
        (tools.straight_branch(radius, 10e-3),), (tools.make_lesion(2.1e-3, 4.9e-3, 8.3e-3),)
    )
    pressure = np.full(len(mesh.points), 90 * MMHG)
    still = tools.make_solution(mesh, np.zeros_like(mesh.points), pressure)
    found = over_cycle(mesh, [still.velocity] * 3)
    for name in ("tawss", "osi", "ecap", "tsvi"):
        assert np.abs(getattr(found, name)).max() == 0.0
    stress = compute_plaque_stress(still, lumen)[0]
    slope = 0.075 * np.cos(np.pi / SIDES)
    exact = 90 * MMHG * slope / np.hypot(1.0, slope)
    for value in (stress.upstream, stress.downstream, stress.net, stress.mean_magnitude):
        assert value == pytest.approx(exact, rel=1e-10)


def test_plaque_stress_of_poiseuille_in_a_prism_is_its_shear(prism, tools):
    lumen = Lumen(prism.lumen.branches, (tools.make_lesion(2.3e-3, 5.1e-3, 9.7e-3),))
    stress = compute_plaque_stress(prism.solution, lumen)[0]
    shear = prism.shear * np.cos(np.pi / SIDES)
    for value in (stress.upstream, stress.downstream, stress.net, stress.mean_magnitude):
        assert value == pytest.approx(shear, rel=1e-10)
