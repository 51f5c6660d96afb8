"""A pulse at the inlet and steady sources of a passive scalar, read by sensors in a steady flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError
from corohemo.meshing.mesh import VTK_EDGES, LumenMesh
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.parallel import run_everywhere
from corohemo.solvers.scalar_form import ScalarForm, assemble_scalar_form, factorised
from corohemo.solvers.scales import LENGTH, VELOCITY
from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScalarOptions:
    """How a scalar is carried.

    Attributes:
        diffusivity_m2_s: Its diffusivity.
        degree: Of its space, 1 (vertices) or 2.
        time_step_s: Time step.
        rest: Part of the pulse that may still be inside when its passage counts as over.
        longest_s: Time after which it counts as over all the same.
    """

    diffusivity_m2_s: float
    degree: int = 1
    time_step_s: float
    rest: float = 1e-3
    longest_s: float = 60.0


@dataclass(frozen=True)
class ScalarPassage:
    """What the sensors read; k sensors, m sources.

    Attributes:
        times: Ends of the time steps (n,) [s].
        curves: Readings of the pulse (n, k), sections first, then points.
        outflow: What leaves, over the flow (n,).
        content: What is inside (n,) [m3].
        lowest: Least nodal value over all times.
        highest: Largest nodal value over all times.
        ages: Mean time since a fluid particle's entry (k,) [s].
        outlet_age: The same in the mean of what leaves [s].
        steady: Readings of steady sources of 1 m3/s (m, k) [s/m3].
        flow: Flow into the lumen [m3/s].
        volume: Volume of the lumen [m3].
        section_flows: Flow through each section (j,) [m3/s].
        section_volumes: Integral of each section's ``behind`` (j,) [m3] as the stabilised equations
            weigh it: the readings are of where so much is behind.
    """

    times: FloatArray
    curves: FloatArray
    outflow: FloatArray
    content: FloatArray
    lowest: float
    highest: float
    ages: FloatArray
    outlet_age: float
    steady: FloatArray
    flow: float
    volume: float
    section_flows: FloatArray
    section_volumes: FloatArray


def carry_scalar(
    solution: FlowSolution,
    pulse: FloatArray,
    behind: FloatArray,
    sensors: FloatArray,
    sources: FloatArray,
    options: ScalarOptions,
) -> ScalarPassage:
    """Carry a pulse and steady sources of a scalar through a computed flow.

    Time goes by second-order backward differences, from a lumen without scalar, whose first three
    moments are those of the exact derivative: the time step does not shift a mean.

    A section is read by what the discrete equations say flows into the part behind it, over the
    flow that they say. So its readings balance with what is inside and what leaves, and the mean
    over a straight vessel's section is the volume before it over its flow however coarse the mesh.

    Args:
        solution: The flow; of a pulsatile one its mean.
        pulse: Concentration at the inlet, of each step from the first (n,), zero afterwards.
        behind: For each section, how far each node lies behind it (j, n_nodes): 0 before, 1 behind
            it and on all outlets there, rising between; the mesh may smear and shift it.
        sensors: Weights of nodal values, one point a row (k - j, n_nodes).
        sources: Densities at the nodes, one source a row (m, n_nodes), of any unit.
        options: The scalar.

    Raises:
        MissingDependencyError: If DOLFINx is not installed.
        NonFiniteError: If the scalar stops being finite.
    """
    require_dolfinx("The 3-D transport of a scalar")
    mesh = solution.mesh
    if options.degree == 1:
        sensors = fold_to_vertices(mesh, sensors)
    passage: ScalarPassage = run_everywhere(
        carry_on_ranks, (mesh, solution.velocity, behind, sensors, sources), (pulse, options)
    )
    return passage


def fold_to_vertices(mesh: LumenMesh, weights: FloatArray) -> FloatArray:
    """Weights (k, n_nodes) of quadratic functions as those of linear ones, which are their means.

    A linear function's value in the middle of an edge is the mean of its ends.
    """
    folded = np.array(weights)
    middles, first = np.unique(mesh.cells[:, 4:], return_index=True)
    cell, edge = np.divmod(first, 6)
    for end in range(2):
        vertices = mesh.cells[cell, np.array(VTK_EDGES)[edge, end]]
        for row, values in zip(folded, weights, strict=True):
            np.add.at(row, vertices, 0.5 * values[middles])
    folded[:, middles] = 0.0
    return folded


def carry_on_ranks(
    comm: Any,
    mesh: LumenMesh | None,
    velocity: FloatArray | None,
    behind: FloatArray | None,
    sensors: FloatArray | None,
    sources: FloatArray | None,
    pulse: FloatArray,
    options: ScalarOptions,
) -> ScalarPassage:
    """The collective part of ``carry_scalar``."""
    from dolfinx import fem

    domain = FlowDomain.distribute(comm, mesh, LENGTH)
    carrier = fem.Function(domain.space)
    values = domain.scatter(None if velocity is None else velocity / VELOCITY)
    carrier.x.array.reshape(-1, 4)[:, :3] = values
    scalar = domain.scalar(options.degree)
    form = assemble_scalar_form(scalar, carrier, options.diffusivity_m2_s / (LENGTH * VELOCITY))
    sections, points, spread = (
        scalar.scatter(None if rows is None else rows.T)[: scalar.n_owned]
        for rows in (behind, sensors, sources)
    )
    through = _section_weights(form, sections)
    section_flows = _sums(comm, through)
    read = _Reader(comm, np.column_stack([through / section_flows, points]))
    ages, outlet_age, steady = _steady_readings(form, read, spread)
    times, curves, outflow, content, ends = _march(form, read, pulse, options)
    time, flow = LENGTH / VELOCITY, VELOCITY * LENGTH**2
    return ScalarPassage(
        times=times,
        curves=curves,
        outflow=outflow / form.flow,
        content=content * LENGTH**3,
        lowest=ends[0],
        highest=ends[1],
        ages=ages * time,
        outlet_age=outlet_age * time,
        steady=steady / flow,
        flow=form.flow * flow,
        volume=float(form.content.sum()) * LENGTH**3,
        section_flows=section_flows * flow,
        section_volumes=_sums(comm, _weighed_volumes(form)[:, None] * sections) * LENGTH**3,
    )


@dataclass(frozen=True)
class _Reader:
    """Sensors on the ranks: weights of the owned nodes (n_owned, k)."""

    comm: Any
    weights: FloatArray

    def __call__(self, vector: Any) -> FloatArray:
        """Readings (k,); collective."""
        return _sums(self.comm, vector.array_r[:, None] * self.weights)


def _sums(comm: Any, rows: FloatArray) -> FloatArray:
    """Sums (k,) over the rows (n_owned, k) of all ranks; collective."""
    here = rows.sum(axis=0)
    there = np.empty_like(here)
    comm.Allreduce(here, there)
    return there


def _section_weights(form: ScalarForm, behind: FloatArray) -> FloatArray:
    """Weights (n_owned, j) of what flows through sections; collective."""
    weights = np.empty_like(behind)
    marks, result = form.inflow.duplicate(), form.inflow.duplicate()
    for column, values in zip(weights.T, behind.T, strict=True):
        marks.array[:] = values
        form.transport.multTranspose(marks, result)
        column[:] = form.outflow.array_r * values - result.array_r
    return weights


def _weighed_volumes(form: ScalarForm) -> FloatArray:
    """Integrals of the stabilised test functions (n_owned,); collective."""
    ones, result = form.inflow.duplicate(), form.inflow.duplicate()
    ones.set(1.0)
    form.inertia.mult(ones, result)
    return np.array(result.array_r)


def _steady_readings(
    form: ScalarForm, read: _Reader, sources: FloatArray
) -> tuple[FloatArray, float, FloatArray]:
    """Mean ages at the sensors (k,) and of what leaves, and readings of unit sources (m, k)."""
    solver = factorised(form.transport)
    unit, load = form.inflow.duplicate(), form.inflow.duplicate()
    field = form.inflow.duplicate()
    unit.set(1.0)
    form.inertia.mult(unit, load)
    solver.solve(load, field)
    ages, outlet_age = read(field), float(form.outflow.dot(field)) / form.flow
    steady = np.empty((sources.shape[1], len(ages)))
    for row, density in zip(steady, sources.T, strict=True):
        unit.array[:] = density
        form.inertia.mult(unit, load)
        strength = float(form.content.dot(unit))
        solver.solve(load, field)
        row[:] = read(field) / strength
    return ages, outlet_age, steady


def _march(
    form: ScalarForm, read: _Reader, pulse: FloatArray, options: ScalarOptions
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, tuple[float, float]]:
    """Times [s], curves (n, k), outflow and content (n,), least and largest value; collective."""
    step = options.time_step_s * VELOCITY / LENGTH
    matrix = form.transport.copy()
    matrix.axpy(1.5 / step, form.inertia)
    solver = factorised(matrix)
    old, now, new = (form.inflow.duplicate() for _ in range(3))
    past, load = form.inflow.duplicate(), form.inflow.duplicate()
    for vector in (old, now):
        vector.set(0.0)
    given = form.flow * step * float(pulse.sum())
    curves, outflow, content, lowest, highest = [], [], [], 0.0, 0.0
    most = max(int(options.longest_s / options.time_step_s), len(pulse))
    for k in range(most):
        past.set(0.0)
        past.axpy(2.0 / step, now)
        past.axpy(-0.5 / step, old)
        form.inertia.mult(past, load)
        load.axpy(float(pulse[k]) if k < len(pulse) else 0.0, form.inflow)
        solver.solve(load, new)
        old, now, new = now, new, old
        curves.append(read(now))
        outflow.append(float(form.outflow.dot(now)))
        content.append(float(form.content.dot(now)))
        lowest, highest = min(lowest, float(now.min()[1])), max(highest, float(now.max()[1]))
        if not np.isfinite(content[-1]):
            raise NonFiniteError("The scalar stopped being finite; shorten the time step.")
        if k >= len(pulse) and content[-1] <= options.rest * given:
            break
    times: FloatArray = options.time_step_s * np.arange(1, len(content) + 1, dtype=np.float64)
    return times, np.array(curves), np.array(outflow), np.array(content), (lowest, highest)
