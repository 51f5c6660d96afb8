"""svZeroDSolver's JSON: networks of vessels, junctions and terminals; ``svzerod_writer`` writes it.

Read are vessels of the types BloodVessel and BloodVesselCRL; junctions, plain or with vessels of
their own (BloodVesselJunction); and the boundary conditions of ``corohemo.network.TERMINALS``. What
else a file may hold (chambers, valves, closed loops, external coupling) is refused. The file has no
units; its numbers are taken as consistent.

Reference:
    https://simvascular.github.io/documentation/rom_simulation.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.checks import listed, said_of, shown
from corohemo.errors import ConfigError, FileFormatError
from corohemo.io.raw import read_text
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
BLOCKS = ("simulation_parameters", "boundary_conditions", "junctions", "vessels", "description")
STARTS = ("initial_condition", "initial_condition_d")
"""Blocks without effect where the start is the steady state."""
VESSEL_VALUES = ("R_poiseuille", "stenosis_coefficient", "L", "C")
DEFAULTS = {"Pd": 0.0}


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
        with _entries_of(""):
            return _network(case)
    except (ConfigError, FileFormatError) as error:
        raise type(error)(str(error), file=file, field=error.field) from None


@contextmanager
def _entries_of(place: str) -> Iterator[None]:
    """Tell which entry is missing or cannot be read, and where it stands."""
    before = f"{place}: " if place else ""
    try:
        with said_of(place) if place else nullcontext():
            yield
    except KeyError as error:
        raise FileFormatError(f"{before}The entry {error} is missing.") from None
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise FileFormatError(f"{before}An entry has a wrong type: {error}.") from None


def _network(case: Mapping[str, Any]) -> FlowNetwork:
    parameters = case["simulation_parameters"]
    _refuse_blocks(case, is_start_read=not _flag(parameters, "steady_initial", True))
    terminals = _terminals(case["boundary_conditions"])
    nodes = _ends(case)
    vessels = []
    inlets: dict[int, Terminal] = {}
    outlets: dict[int, Terminal] = {}
    for entry in case["vessels"]:
        with _entries_of(f"Vessel {entry['vessel_name']!r}"):
            vessels.append(_vessel(entry, nodes))
            for side, found in (("inlet", inlets), ("outlet", outlets)):
                name = entry.get("boundary_conditions", {}).get(side)
                if name is not None:
                    found[nodes[entry["vessel_id"], side]] = _named(name, terminals)
    for junction in case.get("junctions", []):
        with _entries_of(f"Junction {junction['junction_name']!r}"):
            vessels += _junction_vessels(junction, nodes)
    used = {terminal.name for terminal in (*inlets.values(), *outlets.values())}
    waves = [wave for end in terminals.values() if end.name in used and (wave := end.waveform())]
    return FlowNetwork(tuple(vessels), inlets, outlets, _timing(parameters, waves))


def _refuse_blocks(case: Mapping[str, Any], *, is_start_read: bool) -> None:
    """Refuse blocks that would change the result but are not read."""
    passed = BLOCKS if is_start_read else (*BLOCKS, *STARTS)
    refused = [
        key for key, block in case.items() if key not in passed and isinstance(block, list | dict)
    ]
    refused = [key for key in refused if case[key]]
    if refused:
        raise FileFormatError(
            f"The file has {listed(refused)}, which are not supported; supported are vessels, "
            f"junctions and boundary conditions.",
            field=refused[0],
        )


def _require_keys(given: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse a value that would be left unread, such as a name with a slip of the pen."""
    for key in given:
        if key not in known:
            raise FileFormatError(
                f"{shown(key)} is no value of this type; these are {', '.join(known)}.", field=key
            )


def _terminals(entries: Sequence[Mapping[str, Any]]) -> dict[str, Terminal]:
    """Boundary conditions by name."""
    terminals: dict[str, Terminal] = {}
    for entry in entries:
        name = entry["bc_name"]
        if name in terminals:
            raise FileFormatError(f"Two boundary conditions have the name {name!r}.", field=name)
        with _entries_of(f"Boundary condition {name!r}"):
            terminals[name] = _terminal(entry)
    return terminals


def _named(name: str, terminals: Mapping[str, Terminal]) -> Terminal:
    if name not in terminals:
        raise FileFormatError(
            f"There is no boundary condition {name!r}; there are {listed(terminals)}.",
            field="boundary_conditions",
        )
    return terminals[name]


def _ends(case: Mapping[str, Any]) -> dict[End, int]:
    """Nodes at the ends of all vessels; vessels in a junction keep theirs apart."""
    ids = [entry["vessel_id"] for entry in case["vessels"]]
    twice = [number for number in ids if ids.count(number) > 1]
    if twice:
        raise FileFormatError(f"Two vessels have the id {twice[0]!r}.", field="vessel_id")
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
            f"it has type {kind!r}; supported are {', '.join(VESSEL_TYPES)}.",
            field="zero_d_element_type",
        )
    values = entry["zero_d_element_values"]
    _require_keys(values, VESSEL_VALUES)
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
    _require_keys(values, VESSEL_VALUES[:3])
    start = nodes[junction["inlet_vessels"][0], "outlet"]
    outlets = junction["outlet_vessels"]
    zeros = [0.0] * len(outlets)
    columns = [values.get(key, zeros) for key in VESSEL_VALUES[:3]]
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
            f"it has type {kind!r}; supported are {', '.join(TERMINALS)}.",
            field="bc_type",
        )
    _require_keys(given, (*TERMINALS[kind], "t"))
    values: dict[str, Waveform | float] = {}
    for key in TERMINALS[kind]:
        value = given.get(key, DEFAULTS[key]) if key in DEFAULTS else given[key]
        if isinstance(value, list) and len(value) > 1 and key in VARYING:
            values[key] = Waveform(np.asarray(given["t"]), np.asarray(value))
            continue
        if isinstance(value, list) and value.count(value[0]) < len(value):
            raise FileFormatError(
                f"{key} varies in time; only {', '.join(VARYING)} may.", field=key
            )
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
        keeps_all=_flag(parameters, "output_all_cycles", False),
        spectral_radius=float(parameters.get("rho_infty", 0.5)),
        steady_start=_flag(parameters, "steady_initial", True),
    )


def _flag(parameters: Mapping[str, Any], key: str, usual: bool) -> bool:
    value = parameters.get(key, usual)
    if value not in (True, False):
        raise FileFormatError(f"{key} must be true or false, not {shown(value)}.", field=key)
    return bool(value)
