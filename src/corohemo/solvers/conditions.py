"""Boundary conditions as arrays on the nodes of a mesh: what the ranks need to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, FlowInlet, FlowOutlet
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.openings import face_nodes, flux_weights, inlet_velocity
from corohemo.solvers.scales import LENGTH, VELOCITY, Scales
from corohemo.solvers.thinning import ThinningLaw

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FLOW_GAIN = 1000.0
"""Resistance that softens a prescribed outflow, over the Poiseuille resistance of the lumen."""


@dataclass(frozen=True)
class Opening:
    """An open face: ``pressure = resistance * flow + offset``, all dimensionless.

    Attributes:
        nodes: Nodes of the face (n,).
        weights: Flux weights of its velocity (n, 3).
        resistance: Resistance behind it.
        offset: Pressure at zero flow, less the reference pressure.
        flow: Flow out of the lumen to be reached, None where the pressure is given.
    """

    nodes: IntArray
    weights: FloatArray
    resistance: float
    offset: float
    flow: float | None = None


@dataclass(frozen=True)
class FlowConditions:
    """Conditions of one solve, dimensionless.

    Attributes:
        viscosity: nu / (U L).
        reference_pressure: Pressure that is zero inside the solver [Pa].
        fixed: Whether the velocity is prescribed at each node (n_nodes,).
        velocity: Prescribed velocity, zero elsewhere (n_nodes, 3).
        openings: Faces with a pressure condition.
        inflow: Flow prescribed at the inlet, None where its pressure is given.
        thinning: Law of the viscosity, None for a Newtonian one.
        profile: Velocity at the nodes of the inlet that carries one unit of flow out of the lumen,
            where a steady flow is to keep its shape; None where the shape is free or given.
    """

    viscosity: float
    reference_pressure: float
    fixed: NDArray[np.bool_]
    velocity: FloatArray
    openings: tuple[Opening, ...]
    inflow: float | None
    thinning: ThinningLaw | None = None
    profile: tuple[IntArray, FloatArray] | None = None


def flow_conditions(mesh: LumenMesh, boundaries: Boundaries) -> FlowConditions:
    """Translate ``boundaries`` for ``mesh``.

    Raises:
        ConfigError: If they do not fit the outlets of the mesh.
    """
    outlets = [face for face in mesh.faces if face.startswith("outlet:")]
    boundaries.check([face.removeprefix("outlet:") for face in outlets])
    scales = Scales(boundaries.blood.density)
    fixed = np.zeros(len(mesh.points), dtype=bool)
    velocity = np.zeros((len(mesh.points), 3))
    fixed[face_nodes(mesh, "wall")] = True
    inlet = boundaries.plain_inlet
    openings: list[Opening] = []
    inflow = profile = None
    thinning = ThinningLaw.of(boundaries.blood)
    if isinstance(inlet, FlowInlet):
        nodes, values = inlet_velocity(mesh, inlet.flow_rate, inlet.profile)
        fixed[nodes] = True
        velocity[nodes] = values / VELOCITY
        inflow = inlet.flow_rate / scales.flow
    else:
        openings.append(Opening(*_weights(mesh, "inlet", fixed), resistance=0.0, offset=0.0))
        if inlet.profile == "parabolic" and thinning is None:
            nodes, values = inlet_velocity(mesh, -scales.flow, "parabolic")
            profile = nodes, values / VELOCITY
    reference = _reference_pressure(boundaries)
    gain = FLOW_GAIN * path_impedance(mesh, boundaries)[0]
    for face in outlets:
        outlet = boundaries.outlet(face.removeprefix("outlet:"))
        weights = _weights(mesh, face, fixed)
        if isinstance(outlet, FlowOutlet):
            openings.append(
                Opening(
                    *weights,
                    resistance=gain / scales.resistance,
                    offset=0.0,
                    flow=outlet.flow_rate / scales.flow,
                )
            )
        else:
            openings.append(
                Opening(
                    *weights,
                    resistance=outlet.steady_resistance / scales.resistance,
                    offset=(outlet.steady_offset - reference) / scales.pressure,
                )
            )
    return FlowConditions(
        viscosity=boundaries.blood.kinematic_viscosity / scales.kinematic_viscosity,
        reference_pressure=reference,
        fixed=fixed,
        velocity=velocity,
        openings=tuple(openings),
        inflow=inflow,
        thinning=thinning,
        profile=profile,
    )


def _reference_pressure(boundaries: Boundaries) -> float:
    """A pressure that moves with all given pressures, so that only differences are solved for."""
    inlet = boundaries.plain_inlet
    if not isinstance(inlet, FlowInlet):
        return inlet.pressure
    offsets = [
        o.steady_offset for o in boundaries.outlets.values() if not isinstance(o, FlowOutlet)
    ]
    return offsets[0]


def _weights(mesh: LumenMesh, face: str, fixed: NDArray[np.bool_]) -> tuple[IntArray, FloatArray]:
    """Dimensionless flux weights at the nodes of a face that may move."""
    nodes, weights = flux_weights(mesh, face)
    free = ~fixed[nodes]
    return nodes[free], weights[free] / LENGTH**2


def path_impedance(mesh: LumenMesh, boundaries: Boundaries) -> tuple[float, float]:
    """Resistance and inertance of a tube as long as the longest path and as wide as the inlet.

    Returns:
        Those of Poiseuille's flow [Pa s/m3], [Pa s2/m3].
    """
    _, weights = flux_weights(mesh, "inlet")
    area = float(np.linalg.norm(weights.sum(axis=0)))
    length = float(np.ptp(mesh.node_abscissa))
    resistance = 8.0 * np.pi * boundaries.blood.dynamic_viscosity * length / area**2
    return resistance, 4.0 / 3.0 * boundaries.blood.density * length / area
