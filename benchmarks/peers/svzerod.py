"""The same pulsatile network in svZeroDSolver and in corohemo: agreement and CPU time.

``python benchmarks/peers/svzerod.py [path of svzerodsolver]`` writes the gallery's left tree with
coronary beds and one windkessel as svZeroD JSON (10 cycles of 1000 steps); both run that file.
"""

import csv
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import corohemo as ch

QUANTITIES = ("flow_in", "flow_out", "pressure_in", "pressure_out")
VENTRICLE_S = np.array([0.0, 0.05, 0.12, 0.2, 0.3, 0.38, 0.45, 0.52, 1.0])
VENTRICLE_MMHG = np.array([9.0, 30.0, 90.0, 115.0, 118.0, 95.0, 40.0, 9.0, 9.0])


def left_tree_network() -> ch.FlowNetwork:
    lumen = ch.build_lumen(ch.gallery.left_tree())
    hyperemia = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    n = len(lumen.outlet_names)
    beds: dict[str, ch.CoronaryBed | ch.RCR] = {}
    for name in lumen.outlet_names:
        total = hyperemia.outlet(name).resistance_wu
        beds[name] = ch.CoronaryBed(
            0.32 * total, 5e-3 / n, 0.52 * total, 4e-2 / n, 0.16 * total, 5.0,
            ch.Waveform(VENTRICLE_S, 1.5 * VENTRICLE_MMHG),
        )  # fmt: skip
    total = hyperemia.outlet(lumen.outlet_names[0]).resistance_wu
    beds[lumen.outlet_names[0]] = ch.RCR(0.1 * total, 1e-2, 0.9 * total, 5.0)
    aorta = ch.Waveform.from_fourier(1.0, [93.0, 15 * np.exp(-2j), 6 * np.exp(-3.5j)])
    boundaries = ch.Boundaries(ch.PressureInlet(aorta), beds)
    return ch.build_network(lumen, boundaries, ch.ReducedCycleOptions(steps_per_cycle=1000))


def children_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def main(words: list[str]) -> int:
    solver = words[0] if words else shutil.which("svzerodsolver")
    if not solver:
        print("skipped: there is no svzerodsolver on the path; give its path as an argument")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        case, table = Path(folder) / "case.json", Path(folder) / "series.csv"
        ch.write_svzerod(left_tree_network(), case)
        network = ch.read_svzerod(case)
        ch.solve_network(network)
        start = time.process_time()
        solution = ch.solve_network(network)
        own = time.process_time() - start
        start = children_seconds()
        subprocess.run([solver, str(case), str(table)], check=True, capture_output=True)
        theirs = children_seconds() - start
        with table.open() as file:
            rows = list(csv.DictReader(file))
    for quantity in QUANTITIES:
        errors = []
        for vessel in network.vessels:
            peer = np.array([float(row[quantity]) for row in rows if row["name"] == vessel.name])
            error = np.abs(getattr(solution, quantity)[vessel.name] - peer).max()
            errors.append(error / np.abs(peer).max())
        print(f"{quantity:14s} largest difference over the largest value {max(errors):.1e}")
    print(f"CPU time: svzerodsolver {theirs:.3f} s, solve_network {own:.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
