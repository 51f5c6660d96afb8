"""Start of a flow from that of another state on the same mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, FlowInlet, FlowOutlet, PressureInlet
from corohemo.errors import ConfigError
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.conditions import FlowConditions
from corohemo.solvers.scales import VELOCITY, Scales
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MMHG

FloatArray = NDArray[np.float64]


def nodal_start(
    initial: FlowSolution, mesh: LumenMesh, boundaries: Boundaries, conditions: FlowConditions
) -> FloatArray:
    """Dimensionless unknowns of ``initial`` with the prescribed velocities of now (n_nodes, 4).

    Velocities, and pressures less that of the inlet, are scaled by the flow to expect.

    Raises:
        ConfigError: If ``initial`` lies on another mesh.
    """
    if len(initial.mesh.points) != len(mesh.points):
        raise ConfigError(
            "The initial solution lies on another mesh; pass one computed on the same mesh.",
            field="initial",
        )
    ratio = _flow_ratio(initial, boundaries)
    velocity = ratio * initial.velocity / VELOCITY
    velocity[conditions.fixed] = conditions.velocity[conditions.fixed]
    before, zero = initial.boundaries.inlet, conditions.reference_pressure
    if isinstance(boundaries.inlet, PressureInlet):
        measured = initial.face_pressure_mmhg("inlet") * MMHG
        zero = before.pressure if isinstance(before, PressureInlet) else measured
    pressure = ratio * (initial.pressure - zero)
    return np.column_stack([velocity, pressure / Scales(boundaries.blood.density).pressure])


def _flow_ratio(initial: FlowSolution, boundaries: Boundaries) -> float:
    """Total flow to expect over that of ``initial``, 1 where it cannot be told beforehand."""
    shift = 0.0
    old, new = initial.boundaries.inlet, boundaries.inlet
    if isinstance(new, PressureInlet) and isinstance(old, PressureInlet):
        shift = new.pressure - old.pressure
    before = _expected_flow(initial, initial.boundaries, 0.0)
    after = _expected_flow(initial, boundaries, shift)
    return after / before if before and after else 1.0


def _expected_flow(initial: FlowSolution, boundaries: Boundaries, shift: float) -> float | None:
    """Total flow if the outlet pressures of ``initial`` moved by ``shift``; None if unknown."""
    if isinstance(boundaries.inlet, FlowInlet):
        return boundaries.inlet.flow_rate
    total = 0.0
    for face in initial.mesh.faces[1:-1]:
        outlet = boundaries.outlet(face.removeprefix("outlet:"))
        if isinstance(outlet, FlowOutlet):
            total += outlet.flow_rate
        elif outlet.steady_resistance == 0.0:
            return None
        else:
            pressure = initial.face_pressure_mmhg(face) * MMHG + shift
            total += (pressure - outlet.steady_offset) / outlet.steady_resistance
    return total
