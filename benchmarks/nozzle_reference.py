"""Axisymmetric reference of the FDA nozzle at Re 500 with its sudden step, on two meshes.

The form and the solver are those of ``axisymmetric_reference``; the meridian plane is meshed in two
blocks, so that the step is exact.

    python benchmarks/nozzle_reference.py            # writes nozzle_reference.json
"""

import json
from pathlib import Path

import numpy as np
from axisymmetric_reference import newton, weak_form
from verification_nozzle import DENSITY, FLOW, PROFILE_MM, VISCOSITY

from corohemo.solvers.environment import require_dolfinx

require_dolfinx()

import basix.ufl  # noqa: E402
import ufl  # noqa: E402
from dolfinx import fem, mesh  # noqa: E402
from mpi4py import MPI  # noqa: E402

TARGET = Path(__file__).with_suffix(".json")
AGREEMENT = 2e-3
WIDE, NARROW = 6.0, 2.0
FACTORS = (1000.0, 20.0, 8.0, 4.0, 2.5, 1.7, 1.3, 1.1, 1.0)
"""Viscosities on the way to the blood's."""
STATIONS_MM = (-88, -64, -48, -42, -20, -8, 0, 8, 16, 24, 32, 40, 48, 60, 80)


def graded(start, stop, first, largest, growth):
    """Places from ``start`` on, steps growing from ``first`` to ``largest``."""
    places, step = [start], first
    while places[-1] < stop - 0.7 * step:
        places.append(places[-1] + step)
        step = min(step * growth, largest)
    places[-1] = stop
    return np.array(places)


def axial_places(density):
    """Positions z [mm] of the mesh lines across, dense at the step and the cone's ends."""
    start, cone, throat = (z for z, _ in PROFILE_MM[:3])
    parts = (
        cone - graded(0.0, cone - start, 1.5 / density, 6.0 / density, 1.3),
        np.linspace(cone, throat, int(18 * density) + 1),
        throat + graded(0.0, -throat / 2, 0.3 / density, 2.0 / density, 1.3),
        -graded(0.0, -throat / 2, 0.1 / density, 2.0 / density, 1.3),
        graded(0.0, PROFILE_MM[-1][0], 0.1 / density, 4.0 / density, 1.12),
    )
    return np.unique(np.round(np.concatenate(parts), 9))


def meridian(density):
    """Triangles of the meridian plane [mm]."""
    z = axial_places(density)
    inner = 1.0 - (1.0 - np.linspace(0.0, 1.0, int(10 * density) + 1)) ** 1.6
    outer = graded(NARROW, WIDE, 0.15 / density, 0.5 / density, 1.25)[1:]
    radius = np.where(z <= 0.0, np.interp(z, *np.array(PROFILE_MM[:4]).T), NARROW)
    behind = z[z >= 0.0]
    jet = np.stack(np.broadcast_arrays(z[:, None], radius[:, None] * inner), axis=2)
    pool = np.stack(np.broadcast_arrays(behind[:, None], outer[None]), axis=2)
    inside = np.arange(jet.shape[0] * jet.shape[1]).reshape(jet.shape[:2])
    outside = inside.size + np.arange(pool.shape[0] * pool.shape[1]).reshape(pool.shape[:2])
    joint = np.hstack([inside[-len(behind) :, -1:], outside])
    cells = np.vstack([halves(inside), halves(joint)]).astype(np.int64)
    points = np.vstack([jet.reshape(-1, 2), pool.reshape(-1, 2)])
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    return mesh.create_mesh(MPI.COMM_SELF, cells, element, points)


def halves(grid):
    """Two triangles a quadrilateral of a grid of vertices."""
    a, b, c, d = (
        part.ravel() for part in (grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:])
    )
    return np.vstack([np.column_stack([a, b, c]), np.column_stack([a, c, d])])


def conditions(space):
    """Parabola of mean velocity 1 at the inlet, no slip at the wall, no flow through the axis."""
    domain, sub = space.mesh, space.sub(0)
    velocities, _ = sub.collapse()
    radial, _ = sub.sub(1).collapse()
    profile = fem.Function(velocities)
    profile.interpolate(lambda x: np.vstack([2 * (1 - (x[1] / WIDE) ** 2), 0 * x[0]]))
    domain.topology.create_connectivity(1, 2)
    facets = mesh.exterior_facet_indices(domain.topology)
    z, r = mesh.compute_midpoints(domain, 1, facets)[:, :2].T
    inlet, outlet, axis = np.isclose(z, z.min()), np.isclose(z, z.max()), np.isclose(r, 0.0)
    parts = (
        (fem.Function(radial), radial, sub.sub(1), axis),
        (profile, velocities, sub, inlet),
        (fem.Function(velocities), velocities, sub, ~(inlet | outlet | axis)),
    )
    return [
        fem.dirichletbc(value, fem.locate_dofs_topological((at, own), 1, facets[chosen]), at)
        for value, own, at, chosen in parts
    ]


def centreline(density):
    """Velocity on the axis at the stations [m/s]."""
    domain = meridian(density)
    pair = basix.ufl.mixed_element(
        [
            basix.ufl.element("Lagrange", "triangle", 3, shape=(2,)),
            basix.ufl.element("Lagrange", "triangle", 2),
        ]
    )
    space = fem.functionspace(domain, pair)
    state, viscosity = fem.Function(space), fem.Constant(domain, 1.0)
    residual = weak_form(domain, state, ufl.TestFunction(space), viscosity)
    bcs = conditions(space)
    for bc in bcs:
        bc.set(state.x.array)
    mean = FLOW / (np.pi * (WIDE * 1e-3) ** 2)
    problem = fem.form(residual), fem.form(ufl.derivative(residual, state))
    for factor in FACTORS:
        viscosity.value = factor * VISCOSITY / DENSITY / (mean * 1e-3)
        newton(problem, state, bcs, 1e-9 if factor == 1.0 else 1e-2)
    velocity = state.sub(0).collapse()
    points = velocity.function_space.tabulate_dof_coordinates()
    on_axis = np.isclose(points[:, 1], 0.0)
    order = np.argsort(points[on_axis, 0])
    axial = velocity.x.array.reshape(-1, 2)[on_axis, 0][order]
    return mean * np.interp(STATIONS_MM, points[on_axis, 0][order], axial)


def main():
    coarse, fine = centreline(1.0), centreline(1.6)
    change = np.abs(fine / coarse - 1).max()
    if change > AGREEMENT:
        raise SystemExit(f"The centreline still changes by {change:.1e}")
    print(f"change {change:.1e}: {np.round(fine, 4).tolist()}")
    stored = {"z_mm": STATIONS_MM, "velocity_m_s": np.round(fine, 5).tolist()}
    TARGET.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
