"""Run the verification checks and print a table: check, bound, measured, verdict.

``python benchmarks/validate.py [name ...]`` runs all checks or those whose function name contains a
given word. Exit code 1 if a bound is missed.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from geometry_checks import check_mesh_geometry
from microvascular_rows import microvascular_rows
from pulsatile_rows import pipe_rows, step_rows, womersley_rows
from real_geometries import outcomes
from reduced_rows import one_d_rows, profile_rows, speed_rows, zero_d_rows
from stress_checks import check_stress_identities
from tube_checks import check_poiseuille, check_stenosis
from uncertainty_rows import uncertainty_rows
from validation_row import DATA, WATER_TIGHT, Row
from verification_bend import dean_rows
from verification_manufactured import manufactured_rows
from verification_nozzle import nozzle_rows
from verification_ranks import rank_rows
from wall_rows import wall_rows

import corohemo as ch


def check_pressure_offset() -> Iterator[Row]:
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(lumen)
    flows = []
    for offset in (0.0, 20.0):
        boundaries = ch.Boundaries(
            inlet=ch.PressureInlet(pressure_mmhg=90.0 + offset),
            outlets={"*": ch.Resistance(resistance_wu=800.0, distal_pressure_mmhg=offset)},
        )
        solution = ch.solve_flow(mesh, boundaries)
        flows.append([solution.face_flow_ml_min(f"outlet:{name}") for name in lumen.outlet_names])
        pullback = ch.compute_indices(solution, lumen).pullbacks["hyperemic"][0]
        yield Row(
            f"FFR at the ostium, offset {offset:g} mmHg: |FFR - 1|", 1e-9, abs(pullback.ffr[0] - 1)
        )
    change = np.abs(np.subtract(*flows)).max() / np.max(flows)
    yield Row("flow change when 20 mmHg are added everywhere", 1e-6, change)


def check_left_tree() -> Iterator[Row]:
    tree = DATA / "left_coronary_tree" / "left_coronary_tree.swc"
    if not tree.exists():
        print(f"skipped check_left_tree: {tree} is not there")
        return
    results = []
    for ranks in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "corohemo", "run", str(tree)]
            command += ["--length-unit", "mm", "-o", folder, "--np", str(ranks)]
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds = time.perf_counter() - start
            results.append(read_result(Path(folder)))
        yield Row(f"left coronary tree, rest + hyperemia, {ranks} rank(s) [s]", 300.0, seconds)
    flows = [[o["flow_ml_min"] for o in r["states"]["hyperemic"]["outlets"]] for r in results]
    change = np.abs(np.subtract(*flows)).max() / np.max(flows)
    yield Row("1 against 2 ranks: outlet flows", 1e-6, change)
    for name, state in results[0]["states"].items():
        yield Row(
            f"left coronary tree, {name}: mass balance", WATER_TIGHT, state["mass_balance_relative"]
        )
    yield Row("peak memory of the largest process [GiB]", 6.0, peak_memory_gib())


def read_result(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


def peak_memory_gib() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def check_import() -> Iterator[Row]:
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import corohemo"], check=True)
        whole = time.perf_counter() - start
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        seconds.append(whole - (time.perf_counter() - start))
    yield Row("import corohemo [s], median of 5", 0.3, float(np.median(seconds)))


def check_reduced() -> Iterator[Row]:
    tree = DATA / "left_coronary_tree"
    if DATA.is_dir():
        yield from (Row(*row) for row in zero_d_rows(DATA / "zero_d"))
        yield from (Row(*row) for row in one_d_rows(tree))
    reference = Path(__file__).with_name("axisymmetric_reference.json")
    yield from (Row(*row) for row in profile_rows(reference))
    yield from (Row(*row) for row in speed_rows(tree / "left_coronary_tree.swc"))


def check_real_geometries() -> Iterator[Row]:
    if not DATA.is_dir():
        print(f"skipped check_real_geometries: {DATA} is not there")
        return
    for outcome in outcomes([]):
        name = f"{outcome.name}: mass balance"
        yield Row(name, WATER_TIGHT, outcome.balance, outcome.told)


def check_womersley() -> Iterator[Row]:
    for line in womersley_rows():
        yield Row(*line)


def check_wall() -> Iterator[Row]:
    yield from (Row(*line) for line in wall_rows())


def check_pipe_rcr() -> Iterator[Row]:
    if not (DATA / "pipe_rcr").exists():
        print(f"skipped check_pipe_rcr: {DATA / 'pipe_rcr'} is not there")
        return
    for rows in (pipe_rows, step_rows):
        for line in rows(DATA / "pipe_rcr"):
            yield Row(*line)


def check_manufactured() -> Iterator[Row]:
    for line in manufactured_rows():
        yield Row(*line)


def check_dean() -> Iterator[Row]:
    for line in dean_rows():
        yield Row(*line)


def check_nozzle() -> Iterator[Row]:
    if not (DATA / "fda_nozzle").exists():
        print(f"skipped check_nozzle: {DATA / 'fda_nozzle'} is not there")
        return
    for line in nozzle_rows(DATA / "fda_nozzle"):
        yield Row(*line)


def check_microvascular() -> Iterator[Row]:
    yield from (Row(*line) for line in microvascular_rows())


def check_uncertainty() -> Iterator[Row]:
    yield from (Row(*line) for line in uncertainty_rows())


def check_ranks() -> Iterator[Row]:
    for line in rank_rows():
        yield Row(*line)


CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (
    check_import,
    check_mesh_geometry,
    check_poiseuille,
    check_stenosis,
    check_stress_identities,
    check_pressure_offset,
    check_left_tree,
    check_reduced,
    check_real_geometries,
    check_manufactured,
    check_dean,
    check_nozzle,
    check_microvascular,
    check_ranks,
    check_uncertainty,
    check_womersley,
    check_wall,
    check_pipe_rcr,
)


def main(words: list[str]) -> int:
    missed = 0
    print(f"{'check':62s} {'bound':>9s} {'measured':>10s}")
    for check in CHECKS:
        if words and not any(word in check.__name__ for word in words):
            continue
        for row in check():
            missed += not row.passed
            verdict = "ok" if row.passed else "MISSED"
            print(
                f"{row.check:62s} {row.limit:9.3g} {row.value:10.3g} {verdict} {row.note}",
                flush=True,
            )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
