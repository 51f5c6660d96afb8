"""What lies around the lumen in a pulsatile flow: time steps, partner of the openings, start."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, ClosedLoopHeart, FlowInlet
from corohemo.circuit import Circuit
from corohemo.meshing.mesh import LumenMesh
from corohemo.outlet import FlowOutlet, PressureOutlet
from corohemo.solvers.conditions import path_impedance
from corohemo.solvers.loop_network import filled_states, filling_pressure, resting_loop
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.scales import Scales
from corohemo.solvers.time_grading import graded_grid
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_beds import Bed, SeparateBeds
from corohemo.solvers.transient_loop import LoopPartner
from corohemo.solvers.transient_start import loop_start, open_course, periodic_states
from corohemo.solvers.tree_network import Leaf
from corohemo.units import ML_PER_MIN
from corohemo.waveform import scaled_level

FloatArray = NDArray[np.float64]

COURSE_STEPS = 4096
"""Steps of the 0-D cycle that graded time steps are chosen by."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """What lies around the lumen.

    Attributes:
        grid: Time steps of a cycle [s].
        partner: What lies behind the openings.
        plain: The conditions without a closed loop; steady solves take their means.
        targets: Prescribed outflows at the ends of the steps, zero elsewhere (n, k) [m3/s].
    """

    grid: TimeGrid
    partner: SeparateBeds | LoopPartner
    plain: Boundaries
    targets: FloatArray


def surround(
    mesh: LumenMesh, boundaries: Boundaries, options: TransientOptions, period: float
) -> Surroundings:
    """Time steps and 0-D partner of a mesh.

    Raises:
        ConfigError: If the boundaries do not fit the outlets of the mesh.
        NotConvergedError: If a heart in a closed loop finds no periodic state by itself.
    """
    names = [face.removeprefix("outlet:") for face in mesh.faces if face.startswith("outlet:")]
    boundaries.check(names)
    outlets = [boundaries.outlet(name) for name in names]
    leaves: list[Leaf] = [
        scaled_level(outlet.flow_ml_min, ML_PER_MIN)
        if isinstance(outlet, FlowOutlet)
        else outlet.circuit()
        for outlet in outlets
    ]
    inlet = boundaries.inlet
    if isinstance(inlet, ClosedLoopHeart):
        return _in_loop(mesh, boundaries, inlet, leaves, options)
    return _open(mesh, boundaries, leaves, options, period)


def outflows(boundaries: Boundaries, mesh: LumenMesh, times: FloatArray) -> FloatArray:
    """Prescribed outflows at times, zero at other outlets (n, k) [m3/s]."""
    faces = [face for face in mesh.faces if face.startswith("outlet:")]
    flows = np.zeros((len(times), len(faces)))
    for column, face in enumerate(faces):
        outlet = boundaries.outlet(face.removeprefix("outlet:"))
        if isinstance(outlet, FlowOutlet):
            flows[:, column] = outlet.flow_rate_at(times)
    return flows


def _in_loop(
    mesh: LumenMesh,
    boundaries: Boundaries,
    heart: ClosedLoopHeart,
    leaves: list[Leaf],
    options: TransientOptions,
) -> Surroundings:
    start = loop_start(heart, leaves, path_impedance(mesh, boundaries))
    logger.info("Closed loop by itself: %s", start.heart.summary())
    grid = _grid(heart.period_s, options, start.course)
    loop, state, states = heart.loop(), start.loop, start.beds
    if options.start == "rest":
        circuits = [leaf for leaf in leaves if isinstance(leaf, Circuit)]
        compliances = loop.compliances(0.0)
        pressure = filling_pressure(loop, circuits, compliances)
        state = resting_loop(loop, compliances * pressure)
        states = tuple(
            filled_states(leaf, pressure) if isinstance(leaf, Circuit) else np.empty(0)
            for leaf in leaves
        )
    beds = [
        Bed(leaf, grid=grid, start=own) if isinstance(leaf, Circuit) else None
        for leaf, own in zip(leaves, states, strict=True)
    ]
    scales = Scales(boundaries.blood.density)
    names = [face.removeprefix("outlet:") for face in mesh.faces if face.startswith("outlet:")]
    targets = outflows(boundaries, mesh, grid.ends)
    return Surroundings(
        grid=grid,
        partner=LoopPartner(loop, beds, state, grid=grid, scales=scales),
        plain=start.heart.opened(boundaries, names),
        targets=np.column_stack([np.zeros(grid.n_steps), targets]),
    )


def _open(
    mesh: LumenMesh,
    boundaries: Boundaries,
    leaves: list[Leaf],
    options: TransientOptions,
    period: float,
) -> Surroundings:
    inlet = boundaries.plain_inlet
    known = [leaf for leaf in leaves if isinstance(leaf, Circuit)]

    def driven(times: FloatArray) -> dict[str, FloatArray]:
        if isinstance(inlet, FlowInlet):
            return {
                "inflow": inlet.flow_rate_at(times) - outflows(boundaries, mesh, times).sum(axis=1)
            }
        return {"pressure": inlet.pressure_at(times)}

    course = np.empty((COURSE_STEPS, 0))
    if options.step_tolerance is not None:
        times = period / COURSE_STEPS * np.arange(1.0, COURSE_STEPS + 1.0)
        drive = driven(times)
        parts = open_course(known, times, path_impedance(mesh, boundaries), **drive)
        columns = [states for states, _ in parts]
        columns += [flow[:, None] for _, flow in parts if flow is not None]
        columns += [drive["inflow"][:, None]] if "inflow" in drive else []
        columns += [outflows(boundaries, mesh, times)]
        course = np.hstack(columns)
    grid = _grid(period, options, course)
    even = TimeGrid.equal(period, grid.n_steps).ends
    starts = iter(periodic_states(known, even, **driven(even)))
    beds: list[Bed | None] = [
        Bed(leaf, grid=grid, start=next(starts) if options.start == "mean" else None)
        if isinstance(leaf, Circuit)
        else None
        for leaf in leaves
    ]
    targets = outflows(boundaries, mesh, grid.ends)
    if not isinstance(inlet, FlowInlet):
        beds.insert(0, Bed(PressureOutlet(inlet.pressure_mmhg).circuit(), grid=grid))
        targets = np.column_stack([np.zeros(grid.n_steps), targets])
    partner = SeparateBeds(beds, Scales(boundaries.blood.density))
    return Surroundings(grid, partner, boundaries, targets)


def _grid(period: float, options: TransientOptions, course: FloatArray) -> TimeGrid:
    """Equal steps, or those that the 0-D course (k, c) asks for."""
    if options.step_tolerance is None:
        return TimeGrid.equal(period, options.steps_per_cycle)
    grid = graded_grid(period, course, options.step_tolerance, options.steps_per_cycle)
    logger.info(
        "%d time steps of %.2f to %.2f ms",
        grid.n_steps,
        1e3 * grid.steps.min(),
        1e3 * grid.steps.max(),
    )
    return grid
