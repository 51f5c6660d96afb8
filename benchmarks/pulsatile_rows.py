"""Pulsatile checks: Womersley's solution, a pipe with a windkessel, the price of a step."""

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import corohemo as ch
from corohemo import units
from corohemo.solvers.womersley import womersley_response

PERIOD, DENSITY = 0.8, 1060.0
RADIUS, LENGTH = 1.5e-3, 20e-3
FLOW = 20.0
LAST_CYCLE = 200
"""Steps of the stored series that make up its last cycle."""

Line = tuple[str, float, float, str]


def womersley_rows() -> Iterator[Line]:
    """Amplitude and phase against the pressure gradient, both in one complex number."""
    tree = ch.gallery.tube(diameter_mm=2e3 * RADIUS, length_mm=1e3 * LENGTH)
    mesh = ch.mesh_lumen(ch.build_lumen(tree), ch.MeshOptions(refinement=1.5))
    for number in (1.0, 2.0, 3.0, 5.0):
        viscosity = DENSITY * 2.0 * np.pi / PERIOD * (RADIUS / number) ** 2
        phasors = womersley_phasors(mesh, viscosity)
        names = ("flow", "centre velocity", "wall shear")
        errors = [
            abs(found / exact - 1)
            for found, exact in zip(phasors, womersley_response(number), strict=True)
        ]
        for name, error in zip(names, errors, strict=True):
            yield f"Womersley alpha {number:g}: {name}, complex amplitude", 0.01, error, ""


def womersley_phasors(mesh: ch.LumenMesh, viscosity: float) -> tuple[complex, complex, complex]:
    """Flow, centre velocity and wall shear over what the gradient would drive steadily.

    The last fields of two runs, a quarter of a cycle apart, are real and imaginary part.
    """
    parts = []
    for phase in (1.0, -1.0j):
        wave = ch.Waveform.from_fourier(PERIOD, [0.0, FLOW * phase])
        boundaries = ch.Boundaries(
            inlet=ch.FlowInlet(wave, profile="womersley"),
            outlets={"*": ch.PressureOutlet(0.0)},
            blood=ch.Blood(DENSITY, viscosity),
        )
        options = ch.TransientOptions(steps_per_cycle=100, max_cycles=6, wall_statistics=False)
        solution = ch.solve_flow(mesh, boundaries, options)
        parts.append(middle_values(solution))
    drop, flow, centre, shear = np.array(parts[0]) + 1j * np.array(parts[1])
    gradient = drop / LENGTH
    poiseuille = (
        gradient
        * RADIUS
        / np.array([8.0 * viscosity / (np.pi * RADIUS**3), 4.0 * viscosity / RADIUS, 2.0])
    )
    flow, centre, shear = np.array([flow, centre, shear]) / poiseuille
    return complex(flow), complex(centre), complex(shear)


def middle_values(solution: ch.TransientSolution) -> tuple[float, float, float, float]:
    """Pressure drop, flow, centre velocity and wall shear at the end of the run, mid-tube."""
    drop = (solution.pressures[-1, 0] - solution.pressures[-1, 1]).item()
    points = solution.mesh.points
    axis = np.hypot(points[:, 1], points[:, 2]) < 1e-3 * RADIUS
    inside = axis & (np.abs(points[:, 0] - LENGTH / 2) < LENGTH / 4)
    centre = float(solution.final_velocity[inside, 0].mean())
    last = dataclasses.replace(solution, velocity=solution.final_velocity)
    wall = ch.compute_wall_shear(last)
    middle = np.abs(wall.points[:, 0] - LENGTH / 2) < LENGTH / 4
    shear = float(np.average(wall.traction[middle, 0], weights=wall.weights[middle]))
    return drop, solution.flows[-1, 0].item(), centre, shear


def pipe_case(data: Path, refinement: float) -> tuple[ch.LumenMesh, ch.Boundaries]:
    """The pipe of svFSI's test suite on a mesh of our own; the files are in cgs units."""
    tree = ch.gallery.tube(diameter_mm=40.0, length_mm=300.0)
    mesh = ch.mesh_lumen(ch.build_lumen(tree), ch.MeshOptions(refinement=refinement))
    times, flows = np.loadtxt(data / "lumen_inlet.flow", skiprows=1, unpack=True)
    wave = ch.Waveform(times, -flows * units.ML / units.ML_PER_MIN, "fourier")
    resistance = 1e5 / units.WOOD_UNIT
    compliance = 1e-5 / (units.ML / units.MMHG)
    outlet = ch.RCR(121.0 * resistance, 1.5e-4 * compliance, 1212.0 * resistance)
    blood = ch.Blood(density_kg_m3=1060.0, dynamic_viscosity_pa_s=4e-3)
    return mesh, ch.Boundaries(inlet=ch.FlowInlet(wave), outlets={"*": outlet}, blood=blood)


def pipe_rows(data: Path) -> Iterator[Line]:
    """Last-cycle means against svFSI's, with its time step."""
    mesh, boundaries = pipe_case(data, 1.0)
    solution = ch.solve_flow(mesh, boundaries, ch.TransientOptions(steps_per_cycle=200))
    pressure, flow = (stored(data, name) for name in ("Pressure_average", "Velocity_flux"))
    for column, face in enumerate(solution.faces[:2]):
        name = face.partition(":")[0]
        found = solution.face_pressure_mmhg(face) * units.MMHG / units.DYN_PER_CM2
        yield f"pipe with RCR: mean pressure, {name}", 0.005, abs(found / pressure[column] - 1), ""
        found = solution.face_flow_ml_min(face) * units.ML_PER_MIN / units.ML
        yield f"pipe with RCR: mean flow, {name}", 0.005, abs(found / abs(flow[column]) - 1), ""
    note = f"{solution.cycles} cycles"
    yield "the same: mass imbalance, worst step", 1e-8, solution.stats.mass_balance_relative, note


def stored(data: Path, name: str) -> NDArray[np.float64]:
    """Means of a series of svFSI over its last cycle, by face."""
    series = np.loadtxt(data / "16-procs" / f"B_NS_{name}.txt", skiprows=3)
    return series[-LAST_CYCLE:].mean(axis=0)


def step_rows(data: Path) -> Iterator[Line]:
    """CPU time of a step of the same pipe on about 120,000 unknowns, the start left out."""
    mesh, boundaries = pipe_case(data, 2.5)
    seconds, solution = [], None
    for cycles in (1, 2):
        options = ch.TransientOptions(
            steps_per_cycle=100, min_cycles=cycles, max_cycles=cycles, wall_statistics=False
        )
        start = time.process_time()
        solution = ch.solve_flow(mesh, boundaries, options)
        seconds.append(time.process_time() - start)
    assert solution is not None
    step = (seconds[1] - seconds[0]) / 100
    note = f"{solution.stats.unknowns} unknowns, {solution.stats.refreshes} Jacobians in 200 steps"
    yield "pulsatile step with RCR, second cycle, CPU [s]", 0.6, step, note
