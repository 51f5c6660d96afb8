"""The stenosis tube in Kratos: monolithic QSVMS on linear cells, its steady scheme, AMGCL.

Started by ``tube.py`` with the interpreter that holds Kratos. One pass of the steady scheme is one
linearised solve; they end when one changes the pressure drop by less than ``STEADY``.
"""

import json
from importlib.metadata import version
from typing import Any

import numpy as np
from tube_case import STEADY, Case, FloatArray, Run, Stopwatch, answer, skip
from tube_grid import Grid, Size, straight_grid, tetrahedra

try:
    import KratosMultiphysics as km
    import KratosMultiphysics.FluidDynamicsApplication as fluid
    from KratosMultiphysics.FluidDynamicsApplication import navier_stokes_monolithic_solver
except ImportError as error:
    skip(
        f"Kratos is not in this Python ({error}); 'pip install KratosFluidDynamicsApplication' in "
        "a virtual environment of its own and name its interpreter with --python."
    )

MOST_PASSES = 40
ELEMENTS = {8: "QSVMS3D8N", 4: "QSVMS3D4N"}
CONDITIONS = {4: "SurfaceCondition3D4N", 3: "SurfaceCondition3D3N"}
SETTINGS = {
    "solver_type": "monolithic",
    "model_part_name": "tube",
    "domain_size": 3,
    "model_import_settings": {"input_type": "use_input_model_part"},
    "enforce_element_and_conditions_replacement": False,
    "assign_neighbour_elements_to_conditions": False,
    "volume_model_part_name": "tube.blood",
    "skin_parts": ["tube.inlet", "tube.outlet", "tube.wall"],
    "formulation": {"element_type": "qsvms"},
    "time_scheme": "steady",
    "velocity_relaxation": 1.0,
    "pressure_relaxation": 1.0,
    "time_stepping": {"automatic_time_step": False, "time_step": 1.0},
    "maximum_iterations": 1,
    "reform_dofs_at_each_step": False,
    "linear_solver_settings": {
        "solver_type": "amgcl",
        "smoother_type": "ilu0",
        "krylov_type": "gmres",
        "gmres_krylov_space_dimension": 100,
        "max_iteration": 400,
        "tolerance": 1e-3,
        "coarse_enough": 5000,
        "use_block_matrices_if_possible": True,
    },
}


def run(case: Case, level: dict[str, Any]) -> Run:
    km.Logger.GetDefaultOutput().SetSeverity(km.Logger.Severity.WARNING)
    km.ParallelUtilities.SetNumThreads(1)
    watch = Stopwatch()
    grid = straight_grid(case, Size(**level["size"]))
    grid = tetrahedra(grid) if level["tetrahedra"] else grid
    model = km.Model()
    solver = navier_stokes_monolithic_solver.NavierStokesMonolithicSolver(
        model, km.Parameters(json.dumps(SETTINGS))
    )
    solver.AddVariables()
    tube = model.GetModelPart("tube")
    fill(tube, case, grid)
    solver.PrepareModelPart()
    solver.AddDofs()
    solver.Initialize()
    weights = corner_weights(grid, "inlet")
    prescribe(tube, case, grid, weights)
    meshed = watch.cpu
    drop, passes = solve(solver, tube, weights)
    return Run(
        mesh=level["name"],
        cells=len(grid.cells),
        unknowns=4 * len(grid.points),
        pressure_drop=drop,
        iterations=passes,
        mesh_seconds=meshed,
        solve_seconds=watch.cpu - meshed,
        wall_seconds=watch.wall,
        version=f"Kratos {version('KratosMultiphysics')}",
    )


def fill(tube: Any, case: Case, grid: Grid) -> None:
    """Nodes, elements and the faces as sub-parts; numbers start at 1."""
    blood = tube.CreateNewProperties(1)
    blood.SetValue(km.DENSITY, case.density)
    blood.SetValue(km.DYNAMIC_VISCOSITY, case.density * case.kinematic_viscosity)
    blood.SetValue(km.CONSTITUTIVE_LAW, fluid.Newtonian3DLaw())
    for number, point in enumerate(grid.points.tolist(), start=1):
        tube.CreateNewNode(number, *point)
    element = ELEMENTS[grid.cells.shape[1]]
    for number, corners in enumerate((grid.cells + 1).tolist(), start=1):
        tube.CreateNewElement(element, number, corners, blood)
    volume = tube.CreateSubModelPart("blood")
    volume.AddNodes(list(range(1, len(grid.points) + 1)))
    volume.AddElements(list(range(1, len(grid.cells) + 1)))
    number = 0
    for name, facets in grid.faces.items():
        part = tube.CreateSubModelPart(name)
        part.AddNodes((np.unique(facets) + 1).tolist())
        for corners in (facets + 1).tolist():
            number += 1
            part.CreateNewCondition(CONDITIONS[len(corners)], number, corners, blood)


def corner_weights(grid: Grid, face: str) -> FloatArray:
    """Area (n_points,) [m2] that each point has of a face."""
    facets = grid.faces[face]
    corners = grid.points[facets]
    first, second = corners[:, 2] - corners[:, 0], corners[:, -1] - corners[:, 1]
    areas = 0.5 * np.linalg.norm(np.cross(first, second), axis=1)
    count = facets.shape[1]
    return np.bincount(facets.ravel(), np.repeat(areas / count, count), len(grid.points))


def prescribe(tube: Any, case: Case, grid: Grid, weights: FloatArray) -> None:
    """Parabola with the case's flow at the inlet, no slip, pressure 0 at the outlet."""
    speeds = case.inlet_velocity(np.hypot(grid.points[:, 1], grid.points[:, 2]))
    speeds[np.unique(grid.faces["wall"])] = 0.0
    speeds *= case.flow_rate / (weights @ speeds)
    for name in ("inlet", "wall"):
        for node in tube.GetSubModelPart(name).Nodes:
            for component in (km.VELOCITY_X, km.VELOCITY_Y, km.VELOCITY_Z):
                node.Fix(component)
            if name == "inlet":
                node.SetSolutionStepValue(km.VELOCITY_X, speeds[node.Id - 1])
    for node in tube.GetSubModelPart("outlet").Nodes:
        node.Fix(km.PRESSURE)


def solve(solver: Any, tube: Any, weights: FloatArray) -> tuple[float, int]:
    """Pressure drop [Pa] and passes."""
    nodes = [(node, weights[node.Id - 1]) for node in tube.GetSubModelPart("inlet").Nodes]
    time, last = 0.0, np.inf
    for done in range(1, MOST_PASSES + 1):
        time = solver.AdvanceInTime(time)
        solver.InitializeSolutionStep()
        solver.Predict()
        solver.SolveSolutionStep()
        solver.FinalizeSolutionStep()
        drop = sum(weight * node.GetSolutionStepValue(km.PRESSURE) for node, weight in nodes)
        drop /= weights.sum()
        if abs(drop - last) < STEADY * abs(drop):
            return drop, done
        last = drop
    raise SystemExit(f"the pressure drop is not steady after {MOST_PASSES} passes")


if __name__ == "__main__":
    answer(run)
