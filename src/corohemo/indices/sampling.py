"""Read a flow field over faces and over sections of the lumen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.indices.locator import PointLocator
from corohemo.indices.results import Pullback
from corohemo.indices.section_weights import branch_sections
from corohemo.lumen import Lumen, LumenBranch
from corohemo.solvers.solution import FlowSolution
from corohemo.units import ML_PER_MIN, MM, MMHG

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def face_means(solution: FlowSolution, face: str) -> tuple[float, float]:
    """Area-mean pressure [Pa] of a face and flow through it, ostium to outlet [m3/s]."""
    pressure = solution.face_pressure_mmhg(face) * MMHG
    return pressure, solution.face_flow_ml_min(face) * ML_PER_MIN


def check_lumen(solution: FlowSolution, lumen: Lumen) -> None:
    """Refuse a flow that was computed on the mesh of another lumen.

    Raises:
        InputError: If the faces of the mesh are not those of the lumen.
    """
    expected = ("inlet", *(f"outlet:{name}" for name in lumen.outlet_names), "wall")
    if tuple(solution.mesh.faces) != expected:
        raise InputError(
            f"The flow has the faces {', '.join(solution.mesh.faces)} but the lumen has "
            f"{', '.join(expected)}: give the lumen that was meshed."
        )


def branch_flows(solution: FlowSolution, lumen: Lumen) -> FloatArray:
    """Flow through each branch, the sum of the outlets behind it (n_branches,) [m3/s]."""
    flows = np.zeros(len(lumen.branches))
    for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        _, flow = face_means(solution, f"outlet:{name}")
        flows[list(lumen.path(outlet))] += flow
    return flows


def sample_branch(
    solution: FlowSolution, locator: PointLocator, branch: LumenBranch, *, step: float = 0.5 * MM
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Section means along one branch.

    Args:
        solution: Flow field.
        locator: Locator of the field's mesh.
        branch: Branch whose sections are read.
        step: Least distance between sections [m].

    Returns:
        Area-mean pressure (k,) [Pa], flow through the section (k,) [m3/s], section index (k,).

    Raises:
        GeometryError: If less than half of a section lies in the mesh.
    """
    sections = branch_sections(locator, branch, step=step)
    chosen = sections.chosen
    pressure = sections.means @ solution.pressure
    velocity = sections.means @ solution.velocity
    axial = np.einsum("kd,kd->k", velocity, branch.tangents[chosen])
    flow = np.pi * branch.radii[chosen] ** 2 * sections.covered * axial
    return pressure, flow, chosen


def require_aortic(pressure: float) -> None:
    """Refuse a mean pressure at the inlet [Pa] that is no aortic one.

    Raises:
        InputError: If it is not positive.
    """
    if pressure <= 0.0:
        raise InputError(
            f"The mean pressure at the inlet is {pressure:.4g} Pa; FFR needs a positive one: give "
            "the outlets their pressures above atmosphere."
        )


def sample_pullbacks(
    solution: FlowSolution, lumen: Lumen, locator: PointLocator, *, step: float = 0.5 * MM
) -> tuple[Pullback, ...]:
    """Section means along every branch, with the faces' means at the inlet and the outlets.

    Args:
        solution: Flow field.
        lumen: Lumen the mesh came from.
        locator: Locator of the field's mesh.
        step: Least distance between sections [m].

    Returns:
        One pullback per branch, in the lumen's order.

    Raises:
        InputError: If the field belongs to another lumen, or the inlet pressure is not positive.
        GeometryError: If a section lies outside the mesh.
    """
    check_lumen(solution, lumen)
    aortic_pressure, inflow = face_means(solution, "inlet")
    require_aortic(aortic_pressure)
    pullbacks = []
    for index, branch in enumerate(lumen.branches):
        pressure, flow, chosen = sample_branch(solution, locator, branch, step=step)
        if branch.parent < 0:
            pressure[0], flow[0] = aortic_pressure, inflow
        if index in lumen.outlets:
            pressure[-1], flow[-1] = face_means(solution, f"outlet:{branch.name}")
        pullbacks.append(
            Pullback(
                branch=branch.name,
                abscissa=branch.abscissas[chosen],
                radius=branch.radii[chosen],
                pressure=pressure,
                ffr=pressure / aortic_pressure,
                flow=flow,
            )
        )
    return tuple(pullbacks)
