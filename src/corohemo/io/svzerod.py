"""svZeroDSolver's JSON: networks of vessels, junctions and terminals, in and out.

Read are vessels of the types BloodVessel and BloodVesselCRL; junctions, plain or with vessels of
their own (BloodVesselJunction); and the boundary conditions of ``corohemo.network.TERMINALS``. What
else a file may hold (chambers, valves, closed loops, external coupling) is refused. The file has no
units; its numbers are taken as consistent.

Reference:
    https://simvascular.github.io/documentation/rom_simulation.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.errors import ConfigError, FileFormatError
from corohemo.io.raw import read_text
from corohemo.io.replacing import replacing
from corohemo.network import (
    TERMINALS,
    VARYING,
    End,
    FlowNetwork,
    NetworkTiming,
    NetworkVessel,
    Terminal,
    number_ends,
)
from corohemo.waveform import Waveform

VESSEL_TYPES = {"BloodVessel": False, "BloodVesselCRL": True}
"""Types of vessels, and whether their compliance is at the start."""
PLAIN_JUNCTIONS = ("NORMAL_JUNCTION", "internal_junction")
VESSEL_JUNCTION = "BloodVesselJunction"
REFUSED = ("closed_loop_blocks", "valves", "chambers", "external_solver_coupling_blocks")
DEFAULTS = {"Pd": 0.0}
WRITTEN_SAMPLES = 200
"""Points of a waveform that is not linear between its own samples."""


def read_svzerod(path: str | Path) -> FlowNetwork:
    """Read a network in the units of its file.

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it is not svZeroD JSON, or holds blocks that are not supported.
        ConfigError: If a value is out of range or a waveform does not repeat.
    """
    file = Path(path)
    try:
        case = json.loads(read_text(file))
    except json.JSONDecodeError as error:
        raise FileFormatError(f"This is not JSON: {error}.", file=file) from None
    try:
        return _network(case)
    except KeyError as error:
        raise FileFormatError(f"The entry {error} is missing.", file=file) from None
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise FileFormatError(f"An entry has a wrong type: {error}.", file=file) from None
    except (ConfigError, FileFormatError) as error:
        raise type(error)(str(error), file=file, field=error.field) from None


def write_svzerod(network: FlowNetwork, path: str | Path) -> None:
    """Write a network; every node but the open ends becomes a junction.

    svZeroDSolver stops iterating at residuals of 1e-8 in the file's units: write cgs, not SI.

    Raises:
        InputError: If the file cannot be written.
    """
    with replacing(Path(path)) as temporary:
        temporary.write_text(json.dumps(_case(network), indent=1) + "\n")


def _network(case: Mapping[str, Any]) -> FlowNetwork:
    refused = [key for key in REFUSED if case.get(key)]
    if refused:
        raise FileFormatError(
            f"The file has {', '.join(refused)}, which are not supported; supported are vessels, "
            f"junctions and boundary conditions.",
            field=refused[0],
        )
    terminals = {entry["bc_name"]: _terminal(entry) for entry in case["boundary_conditions"]}
    nodes = _ends(case)
    vessels = [_vessel(entry, nodes) for entry in case["vessels"]]
    for junction in case.get("junctions", []):
        vessels += _junction_vessels(junction, nodes)
    inlets: dict[int, Terminal] = {}
    outlets: dict[int, Terminal] = {}
    for entry in case["vessels"]:
        for side, found in (("inlet", inlets), ("outlet", outlets)):
            name = entry.get("boundary_conditions", {}).get(side)
            if name is not None:
                found[nodes[entry["vessel_id"], side]] = terminals[name]
    used = {terminal.name for terminal in (*inlets.values(), *outlets.values())}
    waves = [wave for end in terminals.values() if end.name in used and (wave := end.waveform())]
    timing = _timing(case["simulation_parameters"], waves)
    return FlowNetwork(tuple(vessels), inlets, outlets, timing)


def _ends(case: Mapping[str, Any]) -> dict[End, int]:
    """Nodes at the ends of all vessels; vessels in a junction keep theirs apart."""
    ids = [entry["vessel_id"] for entry in case["vessels"]]
    joints = []
    for junction in case.get("junctions", []):
        _require_known(junction, ids)
        ends: list[End] = [(vessel, "outlet") for vessel in junction["inlet_vessels"]]
        if junction["junction_type"] in PLAIN_JUNCTIONS:
            ends += [(vessel, "inlet") for vessel in junction["outlet_vessels"]]
        joints.append(ends)
    return number_ends(ids, joints)


def _require_known(junction: Mapping[str, Any], ids: list[int]) -> None:
    name, kind = junction["junction_name"], junction["junction_type"]
    if kind not in (*PLAIN_JUNCTIONS, VESSEL_JUNCTION):
        raise FileFormatError(
            f"Junction {name!r} has type {kind!r}; supported are "
            f"{', '.join((*PLAIN_JUNCTIONS, VESSEL_JUNCTION))}.",
            field="junction_type",
        )
    if kind == VESSEL_JUNCTION and len(junction["inlet_vessels"]) != 1:
        raise FileFormatError(f"Junction {name!r} needs exactly one inlet vessel.", field=name)
    unknown = {*junction["inlet_vessels"], *junction["outlet_vessels"]} - set(ids)
    if unknown:
        raise FileFormatError(
            f"Junction {name!r} names vessel {unknown.pop()!r}, which is not there.", field=name
        )


def _vessel(entry: Mapping[str, Any], nodes: Mapping[End, int]) -> NetworkVessel:
    kind, number = entry["zero_d_element_type"], entry["vessel_id"]
    if kind not in VESSEL_TYPES:
        raise FileFormatError(
            f"Vessel {entry['vessel_name']!r} has type {kind!r}; supported are "
            f"{', '.join(VESSEL_TYPES)}.",
            field="zero_d_element_type",
        )
    values = entry["zero_d_element_values"]
    return NetworkVessel(
        name=entry["vessel_name"],
        start=nodes[number, "inlet"],
        end=nodes[number, "outlet"],
        resistance=float(values["R_poiseuille"]),
        stenosis=float(values.get("stenosis_coefficient", 0.0)),
        capacitance=float(values.get("C", 0.0)),
        inductance=float(values.get("L", 0.0)),
        stores_first=VESSEL_TYPES[kind],
    )


def _junction_vessels(junction: Mapping[str, Any], nodes: Mapping[End, int]) -> list[NetworkVessel]:
    """Vessels inside a junction, from its inlet to each of its outlets."""
    if junction["junction_type"] != VESSEL_JUNCTION:
        return []
    values = junction["junction_values"]
    start = nodes[junction["inlet_vessels"][0], "outlet"]
    outlets = junction["outlet_vessels"]
    zeros = [0.0] * len(outlets)
    columns = [values.get(key, zeros) for key in ("R_poiseuille", "stenosis_coefficient", "L")]
    return [
        NetworkVessel(
            name=f"{junction['junction_name']}:{index}",
            start=start,
            end=nodes[vessel, "inlet"],
            resistance=float(columns[0][index]),
            stenosis=float(columns[1][index]),
            inductance=float(columns[2][index]),
        )
        for index, vessel in enumerate(outlets)
    ]


def _terminal(entry: Mapping[str, Any]) -> Terminal:
    name, kind, given = entry["bc_name"], entry["bc_type"], entry["bc_values"]
    if kind not in TERMINALS:
        raise FileFormatError(
            f"Boundary condition {name!r} has type {kind!r}; supported are {', '.join(TERMINALS)}.",
            field="bc_type",
        )
    values: dict[str, Waveform | float] = {}
    for key in TERMINALS[kind]:
        value = given.get(key, DEFAULTS[key]) if key in DEFAULTS else given[key]
        if isinstance(value, list) and len(value) > 1 and key in VARYING:
            values[key] = Waveform(np.asarray(given["t"]), np.asarray(value))
        else:
            values[key] = float(value[0] if isinstance(value, list) else value)
    return Terminal(name, kind, values)


def _timing(parameters: Mapping[str, Any], waves: list[Waveform]) -> NetworkTiming:
    """Time steps; the period is that of the waveforms, else the one given, else 1."""
    stated = parameters.get("cardiac_period")
    periods = [*(wave.period_s for wave in waves), *([] if stated is None else [float(stated)])]
    period = periods[0] if periods else 1.0
    for other in periods:
        if abs(other - period) > 1e-6 * period:
            raise ConfigError(
                f"The file has periods of {period:g} and {other:g}; make them one.",
                field="cardiac_period",
            )
    return NetworkTiming(
        period=period,
        points_per_cycle=int(parameters["number_of_time_pts_per_cardiac_cycle"]),
        cycles=int(parameters["number_of_cardiac_cycles"]),
        keeps_all=bool(parameters.get("output_all_cycles", False)),
        spectral_radius=float(parameters.get("rho_infty", 0.5)),
        steady_start=bool(parameters.get("steady_initial", True)),
    )


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
