"""Checks of ``validate.py`` on axial plaque stress: identities of the force on the wall."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from tube_checks import only, tube_boundaries
from validation_row import Row

import corohemo as ch
from corohemo import units
from corohemo.indices import compute_plaque_stress
from corohemo.kernels.quadratic import TRIANGLE_POINTS, facet_quadrature, triangle_shapes


def axial_wall_force(solution: ch.FlowSolution) -> float:
    """Axial force on the wall of a straight vessel along x [N], from the wall's own traction."""
    wall = ch.compute_wall_shear(solution, at="points")
    traction = wall.pressure[:, None] * wall.normals + wall.traction
    return float((wall.weights * traction[:, 0]).sum())


def axial_momentum(solution: ch.FlowSolution, face: str) -> float:
    """Pressure force plus momentum flux through a cap along x [N]."""
    mesh = solution.mesh
    facets = mesh.facets[mesh.facet_face == mesh.faces.index(face)]
    _, vectors = facet_quadrature(mesh.points, facets)
    field = np.column_stack([solution.velocity, solution.pressure])
    shapes = np.array([triangle_shapes(*point) for point in TRIANGLE_POINTS])
    values = np.einsum("qa,kac->kqc", shapes, field[facets])
    flux = np.einsum("kqd,kqd->kq", values[..., :3], vectors)
    pushed = (
        values[..., 3] * vectors[..., 0] + solution.boundaries.blood.density * flux * values[..., 0]
    )
    return abs(float(pushed.sum()))


def check_stress_identities() -> Iterator[Row]:
    lumen = ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=50))
    (lesion,) = lumen.lesions
    solution = ch.solve_flow(ch.mesh_lumen(lumen), tube_boundaries(120.0))
    offset = 90.0 * units.MMHG
    lifted = dataclasses.replace(solution, pressure=solution.pressure + offset)
    before, after = (compute_plaque_stress(field, lumen)[0] for field in (solution, lifted))
    ends = [lumen.section_at(lesion.branch, at).radius for at in (lesion.start, lesion.throat)]
    exact = offset * np.pi * (ends[0] ** 2 - ends[1] ** 2)
    change = after.upstream_force - before.upstream_force
    yield Row("APS (a): force by a pressure offset, upstream part", 0.005, abs(change / exact - 1))
    face = "outlet:" + only(solution.mesh)
    momentum = axial_momentum(solution, "inlet") - axial_momentum(solution, face)
    yield Row(
        "APS (b): wall force against momentum, 50 % stenosis",
        0.005,
        abs(axial_wall_force(solution) / momentum - 1),
    )
    tube = ch.solve_flow(ch.mesh_lumen(ch.build_lumen(ch.gallery.tube())), tube_boundaries(80.0))
    shear = 4 * 3.5e-3 * 80.0 * units.ML_PER_MIN / (np.pi * 1.5e-3**3)
    drag = shear * 2 * np.pi * 1.5e-3 * 40e-3
    yield Row(
        "APS (c): wall force of Poiseuille flow", 0.005, abs(axial_wall_force(tube) / drag - 1)
    )
    cone = ch.mesh_lumen(ch.build_lumen(ch.gallery.cone()))
    rest = dataclasses.replace(
        tube,
        mesh=cone,
        velocity=np.zeros_like(cone.points),
        pressure=np.full(len(cone.points), offset),
    )
    push = axial_momentum(rest, "inlet") - axial_momentum(rest, "outlet:" + only(cone))
    yield Row("APS (d): uniform pressure in a cone", 0.005, abs(axial_wall_force(rest) / push - 1))
