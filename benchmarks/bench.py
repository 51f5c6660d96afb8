"""Time the parts of a case: lumen, mesh, reduced model, 3-D solve, indices.

Prints seconds (median of a few runs after a warm-up) and, for each part, its ratio to the 3-D solve
of a tube, which says more than seconds on a shared machine.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import corohemo as ch

RUNS = 3


def timed(action: Callable[[], Any], runs: int = RUNS) -> float:
    """Median wall time of an action [s] after one call that is not counted."""
    action()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Print the table."""
    stenosis = ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=60))
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=80.0), outlets={"*": ch.PressureOutlet(pressure_mmhg=10.0)}
    )
    mesh = ch.mesh_lumen(stenosis)
    solution = ch.solve_flow(mesh, boundaries)
    tree = ch.gallery.left_tree()
    left = ch.build_lumen(tree)
    hyperemia = ch.prescribe_boundaries(left, ch.Hyperemia())
    rows = {
        "3-D solve, 60 % stenosis tube": timed(lambda: ch.solve_flow(mesh, boundaries)),
        "mesh, 60 % stenosis tube": timed(lambda: ch.mesh_lumen(stenosis)),
        "indices, 60 % stenosis tube": timed(lambda: ch.compute_indices(solution, stenosis)),
        "lumen, left tree": timed(lambda: ch.build_lumen(tree)),
        "mesh, left tree": timed(lambda: ch.mesh_lumen(left)),
        "reduced solve, left tree": timed(lambda: ch.solve_reduced(left, hyperemia), 50),
    }
    unit = rows["3-D solve, 60 % stenosis tube"]
    for name, seconds in rows.items():
        print(f"{name:32s} {seconds:10.4f} s {seconds / unit:10.5f} of the 3-D solve")


if __name__ == "__main__":
    main()
