"""Axisymmetric reference of flow through cosine stenoses, refined until it no longer changes.

Steady Navier-Stokes in cylindrical coordinates, Taylor-Hood P3-P2 on quadratic geometry, a
structured mesh graded towards the wall and the lesion, parabolic inlet, traction-free outlet
(velocity gradient form). Each case is solved on two meshes; the pressure drop must agree to 0.1 %.

    python benchmarks/axisymmetric_reference.py            # writes axisymmetric_reference.json

The lumen is ``R (1 - S / 2 (1 + cos(2 pi (x - x0) / l)))`` for |x - x0| < l / 2.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from corohemo.solvers.environment import require_dolfinx
from corohemo.units import ML_PER_MIN, MMHG

require_dolfinx()

import basix.ufl  # noqa: E402
import ufl  # noqa: E402
from dolfinx import fem, mesh  # noqa: E402
from dolfinx.fem import petsc  # noqa: E402
from mpi4py import MPI  # noqa: E402
from petsc4py import PETSc  # noqa: E402

TARGET = Path(__file__).with_suffix(".json")
AGREEMENT = 1e-3


@dataclass(frozen=True)
class Case:
    name: str
    stenosis: float
    flow_ml_min: float
    kinematic_viscosity: float
    density: float = 1060.0
    radius_mm: float = 1.5
    length_mm: float = 40.0
    lesion_length_mm: float = 10.0
    lesion_center_mm: float = 20.0

    def lumen_radius(self, x):
        """Radius at x, both in mm."""
        phase = 2 * np.pi * (x - self.lesion_center_mm) / self.lesion_length_mm
        depth = np.where(np.abs(phase) < np.pi, 0.5 * self.stenosis * (1 + np.cos(phase)), 0.0)
        return self.radius_mm * (1 - depth)

    @property
    def mean_velocity(self):
        return self.flow_ml_min * ML_PER_MIN / (np.pi * (self.radius_mm * 1e-3) ** 2)


CASES = (
    Case("stenosis_50", 0.5, 120.0, 3.5e-3 / 1060.0),
    Case("stenosis_60", 0.6, 80.0, 3.3e-6),
    Case("stenosis_60_early", 0.6, 80.0, 3.3e-6, lesion_center_mm=15.0),
    Case("stenosis_70", 0.7, 60.0, 3.3e-6),
)


def graded_mesh(case, cells_along, cells_across):
    """Quadratic triangles of the meridian plane in mm."""
    domain = mesh.create_rectangle(
        MPI.COMM_SELF, [[0.0, 0.0], [1.0, 1.0]], [cells_along, cells_across]
    )
    plane = fem.functionspace(domain, ("Lagrange", 2))
    unit = plane.tabulate_dof_coordinates()
    x = stretched(case, unit[:, 0])
    across = 1.0 - (1.0 - unit[:, 1]) ** 1.5
    points = np.column_stack([x, across * case.lumen_radius(x)])
    element = basix.ufl.element("Lagrange", "triangle", 2, shape=(2,))
    return mesh.create_mesh(MPI.COMM_SELF, plane.dofmap.list.astype(np.int64), element, points)


def stretched(case, fractions):
    """Positions in mm, dense at the lesion and its wake."""
    x = np.linspace(0.0, case.length_mm, 4001)
    near = np.exp(-(((x - case.lesion_center_mm - 1.0) / case.lesion_length_mm) ** 2) * 2.0)
    cumulative = np.concatenate([[0.0], np.cumsum((1 + 3 * near)[1:])])
    return np.interp(fractions, cumulative / cumulative[-1], x)


def solve(case, cells_along, cells_across):
    """Pressure drop [mmHg], wall positions [mm] and wall shear stress [Pa]."""
    domain = graded_mesh(case, cells_along, cells_across)
    pair = basix.ufl.mixed_element(
        [
            basix.ufl.element("Lagrange", "triangle", 3, shape=(2,)),
            basix.ufl.element("Lagrange", "triangle", 2),
        ]
    )
    space = fem.functionspace(domain, pair)
    state, test = fem.Function(space), ufl.TestFunction(space)
    viscosity = fem.Constant(domain, 1.0)
    residual = weak_form(domain, state, test, viscosity)
    bcs = conditions(case, space)
    for bc in bcs:
        bc.set(state.x.array)
    target = case.kinematic_viscosity / (case.mean_velocity * 1e-3)
    problem = (fem.form(residual), fem.form(ufl.derivative(residual, state)))
    for factor in (1000.0, 10.0, 4.0, 2.0, 1.3, 1.0):
        viscosity.value = factor * target
        newton(problem, state, bcs, 1e-10 if factor == 1.0 else 1e-3)
    pressure = case.density * case.mean_velocity**2
    drop = pressure * (mean_pressure(state, 0.0) - mean_pressure(state, case.length_mm)) / MMHG
    positions, rate = wall_shear_rate(case, state)
    dynamic_viscosity = case.density * case.kinematic_viscosity
    return drop, positions, dynamic_viscosity * rate * case.mean_velocity / 1e-3


def weak_form(domain, state, test, viscosity):
    u, p = ufl.split(state)
    v, q = ufl.split(test)
    r = ufl.SpatialCoordinate(domain)[1]
    dx = ufl.Measure("dx", domain=domain, metadata={"quadrature_degree": 9})
    viscous = ufl.inner(ufl.grad(u), ufl.grad(v)) + u[1] * v[1] / r**2
    divergence_u, divergence_v = ufl.div(u) + u[1] / r, ufl.div(v) + v[1] / r
    return (
        r
        * (ufl.dot(ufl.grad(u) * u, v) + viscosity * viscous - p * divergence_v + q * divergence_u)
        * dx
    )


def conditions(case, space):
    """Parabola of mean velocity 1 at the inlet, no slip at the wall, no flow through the axis."""
    velocities, _ = space.sub(0).collapse()
    radial, _ = space.sub(0).sub(1).collapse()
    profile = fem.Function(velocities)
    profile.interpolate(lambda x: np.vstack([2 * (1 - (x[1] / case.radius_mm) ** 2), 0 * x[0]]))

    def on_wall(x):
        return np.abs(x[1] - case.lumen_radius(x[0])) < 1e-4

    domain = space.mesh
    inlet = mesh.locate_entities_boundary(domain, 1, lambda x: np.isclose(x[0], 0.0))
    wall = mesh.locate_entities_boundary(domain, 1, on_wall)
    axis = mesh.locate_entities_boundary(domain, 1, lambda x: np.isclose(x[1], 0.0))
    sub = space.sub(0)
    return [
        fem.dirichletbc(
            fem.Function(radial),
            fem.locate_dofs_topological((sub.sub(1), radial), 1, axis),
            sub.sub(1),
        ),
        fem.dirichletbc(profile, fem.locate_dofs_topological((sub, velocities), 1, inlet), sub),
        fem.dirichletbc(
            fem.Function(velocities), fem.locate_dofs_topological((sub, velocities), 1, wall), sub
        ),
    ]


def newton(problem, state, bcs, tolerance):
    residual, jacobian = problem
    solver = PETSc.KSP().create(MPI.COMM_SELF)
    solver.setType("preonly")
    solver.getPC().setType("lu")
    solver.getPC().setFactorSolverType("mumps")
    for _ in range(25):
        vector = petsc.assemble_vector(residual)
        petsc.set_bc(vector, bcs, x0=state.x.petsc_vec, alpha=-1.0)
        matrix = petsc.assemble_matrix(jacobian, bcs=bcs)
        matrix.assemble()
        solver.setOperators(matrix)
        step = vector.duplicate()
        solver.solve(vector, step)
        state.x.petsc_vec.axpy(-1.0, step)
        if step.norm() < tolerance * state.x.petsc_vec.norm():
            return
    raise RuntimeError(f"The reference did not converge: last step {step.norm():.1e}")


def mean_pressure(state, position):
    """Area mean of the dimensionless pressure at x = position."""
    domain = state.function_space.mesh
    facets = mesh.locate_entities_boundary(domain, 1, lambda x: np.isclose(x[0], position))
    tags = mesh.meshtags(domain, 1, np.sort(facets), 1)
    r = ufl.SpatialCoordinate(domain)[1]
    ds = ufl.Measure("ds", domain=domain, subdomain_data=tags)(1)
    integral = fem.assemble_scalar(fem.form(ufl.split(state)[1] * r * ds))
    return integral / fem.assemble_scalar(fem.form(r * ds))


def wall_shear_rate(case, state):
    """Wall positions [mm] and tangential velocity gradient along the inner normal [1/mm]."""
    domain = state.function_space.mesh
    space = fem.functionspace(domain, ("DG", 2, (2, 2)))
    gradient = fem.Function(space)
    gradient.interpolate(
        fem.Expression(ufl.grad(ufl.split(state)[0]), space.element.interpolation_points)
    )
    points = space.tabulate_dof_coordinates()
    on_wall = np.abs(points[:, 1] - case.lumen_radius(points[:, 0])) < 1e-4
    x = points[on_wall, 0]
    slope = (case.lumen_radius(x + 1e-5) - case.lumen_radius(x - 1e-5)) / 2e-5
    tangent = np.column_stack([np.ones_like(x), slope]) / np.hypot(1.0, slope)[:, None]
    normal = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    values = gradient.x.array.reshape(-1, 2, 2)[on_wall]
    rate = np.einsum("ni,nij,nj->n", tangent, values, normal)
    order = np.argsort(x, kind="stable")
    places, inverse = np.unique(np.round(x[order], 6), return_inverse=True)
    return places, np.bincount(inverse, rate[order]) / np.bincount(inverse)


def main():
    results = []
    for case in CASES:
        coarse, *_ = solve(case, 160, 12)
        drop, positions, shear = solve(case, 280, 20)
        change = abs(drop / coarse - 1)
        if change > AGREEMENT:
            raise SystemExit(f"{case.name}: pressure drop still changes by {change:.1e}")
        print(f"{case.name}: {drop:.4f} mmHg (change {change:.1e}), peak WSS {shear.max():.2f} Pa")
        samples = np.linspace(0.0, case.length_mm, 401)
        results.append(
            asdict(case)
            | {
                "pressure_drop_mmhg": round(float(drop), 5),
                "coarse_pressure_drop_mmhg": round(float(coarse), 5),
                "peak_wss_pa": round(float(np.abs(shear[positions > 1.0]).max()), 4),
                "wall_position_mm": samples.round(3).tolist(),
                "wss_pa": np.interp(samples, positions, shear).round(4).tolist(),
            }
        )
    TARGET.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
