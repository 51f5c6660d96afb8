"""svZeroDSolver's JSON, out: the entries that ``svzerod`` reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.io.replacing import replacing
from corohemo.io.svzerod import PLAIN_JUNCTIONS, VESSEL_TYPES
from corohemo.network import VARYING, FlowNetwork, NetworkVessel, Terminal
from corohemo.waveform import Waveform

WRITTEN_SAMPLES = 200
"""Points of a waveform that is not linear between its own samples."""


def write_svzerod(network: FlowNetwork, path: str | Path) -> None:
    """Write a network; every node but the open ends becomes a junction.

    svZeroDSolver stops iterating at residuals of 1e-8 in the file's units: write cgs, not SI.

    Raises:
        InputError: If the file cannot be written.
    """
    with replacing(Path(path)) as temporary:
        temporary.write_text(json.dumps(_case(network), indent=1) + "\n")


def _case(network: FlowNetwork) -> dict[str, Any]:
    timing = network.timing
    ends = (*network.inlets.values(), *network.outlets.values())
    terminals = {end.name: _terminal_entry(end, timing.period) for end in ends}
    return {
        "simulation_parameters": {
            "number_of_cardiac_cycles": timing.cycles,
            "number_of_time_pts_per_cardiac_cycle": timing.points_per_cycle,
            "cardiac_period": timing.period,
            "output_all_cycles": timing.keeps_all,
            "rho_infty": timing.spectral_radius,
            "steady_initial": timing.steady_start,
        },
        "boundary_conditions": list(terminals.values()),
        "junctions": _junction_entries(network),
        "vessels": [
            _vessel_entry(network, index, vessel) for index, vessel in enumerate(network.vessels)
        ],
    }


def _vessel_entry(network: FlowNetwork, index: int, vessel: NetworkVessel) -> dict[str, Any]:
    kinds = {first: kind for kind, first in VESSEL_TYPES.items()}
    ends = {"inlet": network.inlets.get(vessel.start), "outlet": network.outlets.get(vessel.end)}
    conditions = {side: end.name for side, end in ends.items() if end is not None}
    return {
        "vessel_id": index,
        "vessel_name": vessel.name,
        "zero_d_element_type": kinds[vessel.stores_first],
        "zero_d_element_values": {
            "R_poiseuille": vessel.resistance,
            "C": vessel.capacitance,
            "L": vessel.inductance,
            "stenosis_coefficient": vessel.stenosis,
        },
    } | ({"boundary_conditions": conditions} if conditions else {})


def _junction_entries(network: FlowNetwork) -> list[dict[str, Any]]:
    arriving: dict[int, list[int]] = {}
    leaving: dict[int, list[int]] = {}
    for index, vessel in enumerate(network.vessels):
        arriving.setdefault(vessel.end, []).append(index)
        leaving.setdefault(vessel.start, []).append(index)
    shared = [node for node in arriving if node in leaving]
    return [
        {
            "junction_name": f"J{number}",
            "junction_type": PLAIN_JUNCTIONS[0],
            "inlet_vessels": arriving[node],
            "outlet_vessels": leaving[node],
        }
        for number, node in enumerate(shared)
    ]


def _terminal_entry(end: Terminal, period: float) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in end.values.items():
        if key not in VARYING:
            values[key] = value
            continue
        wave = (
            value
            if isinstance(value, Waveform)
            else Waveform(np.array([0.0, period]), np.full(2, value))
        )
        if wave.interpolation != "linear" or wave.t_s[0] != 0.0:
            wave = wave.resampled(WRITTEN_SAMPLES)
        values |= {"t": wave.t_s.tolist(), key: wave.values.tolist()}
    return {"bc_name": end.name, "bc_type": end.kind, "bc_values": values}
