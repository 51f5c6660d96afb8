"""Rows of ``validate.py`` about the reduced model and the networks of other programs."""

import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import corohemo as ch
from corohemo.solvers.reduced import ReducedModel, ReducedOptions

QUANTITIES = ("flow_in", "flow_out", "pressure_in", "pressure_out")
Measured = tuple[str, float, float, str]
"""Check, bound, measured value, note."""


def cpu_seconds(action: Callable[[], Any], runs: int) -> float:
    """CPU time of one call after a first that is not counted [s]."""
    action()
    start = time.process_time()
    for _ in range(runs):
        action()
    return (time.process_time() - start) / runs


def series_error(folder: Path, name: str) -> float:
    """Largest error of a series of svZeroDSolver over its largest value."""
    network = ch.read_svzerod(folder / f"{name}.json")
    solution = ch.solve_network(network)
    result = json.loads((folder / f"result_{name}.json").read_text())
    errors = []
    for quantity in QUANTITIES:
        for vessel in network.vessels:
            rows = [row for row, owner in result["name"].items() if owner == vessel.name]
            expected = np.array([result[quantity][row] for row in rows])
            error = np.abs(getattr(solution, quantity)[vessel.name] - expected).max()
            errors.append(error / np.abs(expected).max())
    return float(max(errors))


def zero_d_rows(folder: Path) -> Iterator[Measured]:
    """Series of svZeroDSolver, and the time of its 6000 coronary steps."""
    names = sorted(path.stem.removeprefix("result_") for path in folder.glob("result_*.json"))
    worst = max((series_error(folder, name), name) for name in names)
    yield f"zero_d: {len(names)} cases, series", 1e-6, worst[0], f"worst {worst[1]}"
    coronary = ch.read_svzerod(folder / "pulsatileFlow_R_coronary.json")
    seconds = cpu_seconds(lambda: ch.solve_network(coronary), 10)
    yield "zero_d: 6000 coronary steps [s]", 0.05, seconds, "CPU, compiled"


def one_d_rows(folder: Path) -> Iterator[Measured]:
    """Tube cases of svOneDSolver with rigid walls."""
    worst = (0.0, "")
    with (folder / "expected.csv").open() as table:
        for row in csv.DictReader(table):
            network = ch.read_svoned(folder / f"{row['case']}.in")
            side = "in" if row["node"] == "first" else "out"
            series = getattr(ch.solve_network(network), f"{row['quantity']}_{side}")
            value = series[network.vessels[int(row["segment"])].name][-1]
            worst = max(worst, (abs(value / float(row["value"]) - 1), row["case"]))
    yield "left_coronary_tree/expected.csv: tube cases", 1e-5, worst[0], f"worst {worst[1]}"


def profile_rows(reference: Path) -> Iterator[Measured]:
    """Marched profiles against axisymmetric Navier-Stokes."""
    options = ReducedOptions(losses="profile")
    worst = (0.0, "")
    cases = json.loads(reference.read_text())
    for case in (c for c in cases if 2 * c["lesion_center_mm"] == c["length_mm"]):
        lumen = ch.build_lumen(
            ch.gallery.cosine_stenosis(
                percent_diameter_stenosis=100.0 * case["stenosis"],
                diameter_mm=2.0 * case["radius_mm"],
                length_mm=case["length_mm"],
                lesion_length_mm=case["lesion_length_mm"],
            )
        )
        viscosity = case["kinematic_viscosity"] * case["density"]
        boundaries = ch.Boundaries(
            ch.FlowInlet(case["flow_ml_min"]),
            {"*": ch.PressureOutlet()},
            ch.Blood(case["density"], viscosity),
        )
        drop = ch.solve_reduced(lumen, boundaries, options).face_pressure_mmhg("inlet")
        worst = max(worst, (abs(drop / case["pressure_drop_mmhg"] - 1), case["name"]))
    yield "reduced model, profiles: pressure drop of lesions", 0.03, worst[0], f"worst {worst[1]}"


def speed_rows(tree: Path) -> Iterator[Measured]:
    """Time of a steady and of a pulsatile solve of a left tree."""
    lumens = {"gallery's left tree": ch.build_lumen(ch.gallery.left_tree())}
    if tree.exists():
        lumens["real left tree"] = ch.build_lumen(ch.read_centerline(tree, length_unit="mm"))
    for name, lumen in lumens.items():
        boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
        model = ReducedModel.from_lumen(lumen, boundaries.blood)
        seconds = cpu_seconds(lambda m=model, b=boundaries: m.solve(b), 500)
        yield f"reduced model, {name}: a steady solve [s]", 5e-4, seconds, f"{1 / seconds:.0f} /s"
        pulse = ch.Boundaries(
            ch.PressureInlet(ch.Waveform.from_fourier(1.0, [93.0, 15.0 - 10.0j])),
            boundaries.outlets,
            boundaries.blood,
        )
        seconds = cpu_seconds(lambda n=lumen, b=pulse: ch.solve_reduced_cycle(n, b), 5)
        yield f"reduced model, {name}: a pulsatile solve [s]", 1.0, seconds, "500 steps a cycle"
