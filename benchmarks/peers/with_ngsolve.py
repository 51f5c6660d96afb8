"""The stenosis tube in NGSolve: Taylor-Hood elements of any order on curved cells, Newton, UMFPACK.

Started by ``tube.py`` with the interpreter that holds NGSolve. Lengths in mm, velocities over the
mean one. Unknowns inside a cell are condensed; Newton's method starts from rest at a larger
viscosity and ends when a step changes the pressure drop by less than ``STEADY``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tube_case import STEADY, Case, Run, Stopwatch, answer, skip

try:
    import ngsolve as ng
    from ngsolve import y, z
except ImportError as error:
    skip(
        f"NGSolve is not in this Python ({error}); 'pip install ngsolve' in a virtual environment "
        "of its own and name its interpreter with --python."
    )
from ngsolve_mesh import curved_hexahedra, curved_tetrahedra

CONTINUATION = ((10.0, 0.1), (2.0, 0.1), (1.0, STEADY))
"""Viscosity over blood's, and the change of the pressure drop at which the next one follows."""
MOST_STEPS = 12


@dataclass(frozen=True)
class Flow:
    """Drop over density times mean velocity squared, Newton steps, all unknowns."""

    drop: float
    steps: int
    unknowns: int


def run(case: Case, level: dict[str, Any]) -> Run:
    ng.SetNumThreads(1)
    watch = Stopwatch()
    build = curved_hexahedra if "size" in level else curved_tetrahedra
    mesh = build(case, level)
    meshed = watch.cpu
    flow = solve(case, mesh, level["order"])
    return Run(
        mesh=level["name"],
        cells=mesh.ne,
        unknowns=flow.unknowns,
        pressure_drop=case.density * case.mean_velocity**2 * flow.drop,
        iterations=flow.steps,
        mesh_seconds=meshed,
        solve_seconds=watch.cpu - meshed,
        wall_seconds=watch.wall,
        version=f"NGSolve {ng.__version__}",
    )


def solve(case: Case, mesh: Any, order: int) -> Flow:
    space = ng.VectorH1(mesh, order=order, dirichlet="inlet|wall") * ng.H1(mesh, order=order - 1)
    (u, p), (v, q) = space.TnT()
    viscosity = ng.Parameter(0.0)
    form = ng.BilinearForm(space, condense=True)
    viscous = viscosity * ng.InnerProduct(ng.Grad(u), ng.Grad(v))
    convective = ng.InnerProduct(ng.Grad(u) * u, v)
    integrand = viscous + convective - p * ng.div(v) - q * ng.div(u)
    form += integrand.Compile() * ng.dx
    state = ng.GridFunction(space)
    velocity, pressure = state.components
    profile = 2.0 * (1.0 - (y * y + z * z) / (1e3 * case.radius) ** 2)
    velocity.Set(ng.CF((profile, 0, 0)), definedon=mesh.Boundaries("inlet"))
    last, steps = np.inf, 0
    for factor, enough in CONTINUATION:
        viscosity.Set(factor * case.kinematic_viscosity / (1e-3 * case.mean_velocity))
        change, end = np.inf, steps + MOST_STEPS
        while change > enough:
            if steps == end:
                raise SystemExit(f"Newton's method did not converge in {MOST_STEPS} steps")
            newton_step(form, state, space.FreeDofs(True))
            drop = mean(mesh, pressure, "inlet") - mean(mesh, pressure, "outlet")
            change, last, steps = abs(drop - last) / abs(drop), drop, steps + 1
    return Flow(last, steps, space.ndof)


def newton_step(form: Any, state: Any, free: Any) -> None:
    residual, step = state.vec.CreateVector(), state.vec.CreateVector()
    form.Apply(state.vec, residual)
    form.AssembleLinearization(state.vec)
    inverse = form.mat.Inverse(free, inverse="umfpack")
    residual.data += form.harmonic_extension_trans * residual
    step.data = inverse * residual
    step.data += form.harmonic_extension * step
    step.data += form.inner_solve * residual
    state.vec.data -= step


def mean(mesh: Any, field: Any, face: str) -> float:
    """Area mean of a field over a boundary."""
    place = mesh.Boundaries(face)
    return ng.Integrate(field, mesh, definedon=place) / ng.Integrate(1, mesh, definedon=place)


if __name__ == "__main__":
    answer(run)
