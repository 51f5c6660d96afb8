"""svZeroDSolver's own four-chamber closed loop, marched by the kernels of ours.

``python benchmarks/peers/svzerod_loop.py CASE.json RESULT.json`` takes two files of its test-suite:
``tests/cases/closed_loop_two_hill.json`` (Regazzoni et al. 2022) and its reference result. The loop
is built from the case, marched from its initial state with its steps, and compared with the last
cycle of the result.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.kernels.network import TreeLaw
from corohemo.loop import Compartment, Link, Loop
from corohemo.solvers.loop_network import LoopNetwork, resting_loop
from corohemo.solvers.tree_network import TreeNetwork, generalised_alpha, resting_state
from corohemo.waveform import Waveform

ENTRIES = {
    "AR_SYS": "pressure:AV:AR_SYS",
    "VEN_SYS": "pressure:J0:VEN_SYS",
    "AR_PUL": "pressure:PV:AR_PUL",
    "VEN_PUL": "pressure:J2:VEN_PUL",
}
"""Where the initial state and the result have the pressure at the begin of each vessel."""
ENDS = {"AR_SYS": "VEN_SYS", "VEN_SYS": "RA", "AR_PUL": "VEN_PUL", "VEN_PUL": "LA"}
EXITS = {
    "AR_SYS": "flow:AR_SYS:J0",
    "VEN_SYS": "flow:VEN_SYS:J1",
    "AR_PUL": "flow:AR_PUL:J2",
    "VEN_PUL": "flow:VEN_PUL:J3",
}
SAMPLES = 20000
DAMPING = 0.5


def two_hill(given: dict[str, float], period: float) -> np.ndarray:
    """The activation at SAMPLES + 1 times of the cycle, its largest value 1."""

    def shape(times: np.ndarray) -> np.ndarray:
        rise = (times / given["tau_1"]) ** given["m1"]
        return rise / (1.0 + rise) / (1.0 + (times / given["tau_2"]) ** given["m2"])

    largest = shape(np.arange(0.0, period, 1e-5)).max()
    times = np.linspace(0.0, period, SAMPLES + 1)
    values = shape(np.mod(times - given["t_shift"], period)) / largest
    values[-1] = values[0]
    return values


def build(case: dict[str, Any]) -> Loop:
    period = case["simulation_parameters"]["cardiac_period"]
    times = np.linspace(0.0, period, SAMPLES + 1)
    parts = []
    for chamber in case["chambers"]:
        values = chamber["values"]
        active = values["Emax"] * two_hill(chamber["activation_function"], period)
        wave = Waveform(times, values["Epass"] + active)
        parts.append(
            Compartment(chamber["name"], elastance=wave, unstressed_volume=values["Vrest"])
        )
    vessels = {v["vessel_name"]: v["zero_d_element_values"] for v in case["vessels"]}
    parts += [Compartment(name, values["C"]) for name, values in vessels.items()]
    place = {part.name: k for k, part in enumerate(parts)}
    links = []
    for valve in case["valves"]:
        values = valve["params"]
        ends = (place[values["upstream_block"]], place[values["downstream_block"]])
        links.append(Link(valve["name"], *ends, values["Rmin"], leak=1.0 / values["Rmax"]))
    for name, end in ENDS.items():
        values = vessels[name]
        links.append(Link(name, place[name], place[end], values["R_poiseuille"], values["L"]))
    return Loop(tuple(parts), tuple(links), place["AR_SYS"], place["LV"], place["RA"], 1.0)


def marched(case: dict[str, Any], loop: Loop) -> dict[str, np.ndarray]:
    """Series of the last cycle by svZeroD's names, one value after each step."""
    state = case["initial_condition"]
    nothing = np.zeros(0)
    law = TreeLaw(
        np.array([-1]), np.array([1e10]), np.zeros(1), np.zeros(1), np.zeros(2, dtype=np.int64),
        nothing, nothing, 0.0, 0.0,
    )  # fmt: skip
    network = LoopNetwork(TreeNetwork(law, np.zeros(1), np.zeros(1), {0: 0.0}, 0.0, False), loop)
    volumes = np.array(
        [
            part.compliance * state[ENTRIES[part.name]]
            if part.elastance is None
            else state[f"Vc:{part.name}"] - part.unstressed_volume
            for part in loop.compartments
        ]
    )
    both = (resting_state(network.tree), resting_loop(loop, volumes))
    for k, link in enumerate(loop.links):
        if link.name in EXITS:
            both[1].flows[k] = state[EXITS[link.name]]
    timing = case["simulation_parameters"]
    n_steps = timing["number_of_time_pts_per_cardiac_cycle"] - 1
    scheme = generalised_alpha(timing["cardiac_period"] / n_steps, DAMPING)
    for _ in range(timing["number_of_cardiac_cycles"]):
        _, found = network.march(both, scheme, 0.0, n_steps, 1e-10)
    series = {}
    for k, part in enumerate(loop.compartments):
        if part.elastance is None:
            series[ENTRIES[part.name]] = found.pressures[:, k]
        else:
            series[f"Vc:{part.name}"] = found.volumes[:, k] + part.unstressed_volume
    for k, link in enumerate(loop.links):
        if link.name in EXITS:
            series[EXITS[link.name]] = found.flows[:, k]
    return series


def main(words: list[str]) -> int:
    if len(words) != 2:
        print("skipped: give the case and the result of svZeroDSolver's test-suite")
        return 0
    case, table = (json.loads(Path(word).read_text()) for word in words)
    reference: dict[str, list[float]] = {}
    for row, name in table["name"].items():
        reference.setdefault(name, []).append(table["y"][row])
    for name, values in marched(case, build(case)).items():
        known = np.array(reference[name])
        difference = np.abs(values - known[1:]).max() / np.abs(known).max()
        print(f"{name:20s} largest difference over the largest value {difference:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
