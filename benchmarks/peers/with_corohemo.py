"""The stenosis tube in corohemo, as a user gets it: default mesh sizes times a refinement.

Started by ``tube.py``. A coarse solve before the clock starts loads the compiled kernels, as the
others' are.
"""

from importlib.metadata import version
from typing import Any

from tube_case import Case, Run, Stopwatch, answer

import corohemo as ch
from corohemo.units import ML_PER_MIN, MM, MMHG


def run(case: Case, level: dict[str, Any]) -> Run:
    lumen = ch.build_lumen(
        ch.gallery.cosine_stenosis(
            diameter_mm=2.0 * case.radius / MM,
            length_mm=case.length / MM,
            percent_diameter_stenosis=100.0 * case.stenosis,
            lesion_length_mm=case.lesion_length / MM,
        )
    )
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=case.flow_rate / ML_PER_MIN, profile="parabolic"),
        outlets={"*": ch.PressureOutlet(pressure_mmhg=0.0)},
        blood=ch.Blood(
            density_kg_m3=case.density,
            dynamic_viscosity_pa_s=case.density * case.kinematic_viscosity,
        ),
    )
    ch.solve_flow(ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5)), boundaries)
    watch = Stopwatch()
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=level["refinement"]))
    meshed = watch.cpu
    solution = ch.solve_flow(mesh, boundaries)
    (outlet,) = (name for name in mesh.faces if name.startswith("outlet:"))
    drop = solution.face_pressure_mmhg("inlet") - solution.face_pressure_mmhg(outlet)
    return Run(
        mesh=level["name"],
        cells=len(mesh.cells),
        unknowns=solution.stats.unknowns,
        pressure_drop=drop * MMHG,
        iterations=solution.stats.newton_iterations,
        mesh_seconds=meshed,
        solve_seconds=watch.cpu - meshed,
        wall_seconds=watch.wall,
        version=f"corohemo {version('corohemo')}",
    )


if __name__ == "__main__":
    answer(run)
