"""svOneDSolver's input cards as a network of rigid vessels.

Segments are cones with the file's areas, their walls rigid: the material gives density, viscosity
and profile, its elasticity is not used, and neither is the momentum that a taper changes. A segment
with loss STENOSIS follows Young and Tsai, its upstream segment being healthy. The numbers keep the
file's units, which are cgs as a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import ConfigError, FileFormatError
from corohemo.io.raw import parse_index, parse_number, read_lines
from corohemo.kernels.stenosis import inertance, viscous_resistance, young_tsai
from corohemo.network import End, FlowNetwork, NetworkTiming, NetworkVessel, Terminal, number_ends
from corohemo.waveform import Waveform

FloatArray = NDArray[np.float64]

GIVEN = {
    "FLOW": ("FLOW", "Q"),
    "PRESSURE": ("PRESSURE", "P"),
    "PRESSURE_WAVE": ("PRESSURE", "P"),
}
OUTLET_VALUES = {
    "RESISTANCE": ("R", "Pd"),
    "RCR": ("Rp", "C", "Rd", "Pd"),
    "CORONARY": ("Ra1", "Ra2", "Ca", "Cc", "Rv1", "P_v"),
}
"""Kinds of outlets and the order of their values in a table."""
NO_OUTLET = "NOBOUND"
LOSSES = ("NONE", "STENOSIS")
SEGMENT_WORDS = 16
POISEUILLE_PROFILE = 2.0


@dataclass(frozen=True)
class _Segment:
    name: str
    length: float
    areas: tuple[float, float]
    material: str
    loss: str
    upstream: int
    outlet: str
    table: str


@dataclass(frozen=True)
class _Material:
    density: float
    viscosity: float
    profile: float


@dataclass
class _Cards:
    """What the file says, by name or id."""

    segments: dict[int, _Segment] = field(default_factory=dict)
    materials: dict[str, _Material] = field(default_factory=dict)
    joints: list[tuple[str, str]] = field(default_factory=list)
    sides: dict[str, list[int]] = field(default_factory=dict)
    tables: dict[str, FloatArray] = field(default_factory=dict)
    solver: tuple[float, int, str, str] | None = None


def read_svoned(path: str | Path) -> FlowNetwork:
    """Read an input file of svOneDSolver.

    Raises:
        InputError: If there is no such file.
        FileFormatError: If a card is wrong, or something in it is not supported.
        ConfigError: If a value is out of range or a waveform does not repeat.
    """
    file = Path(path)
    cards = _cards(file)
    try:
        return _network(cards)
    except KeyError as error:
        raise FileFormatError(f"The file names {error}, which is not there.", file=file) from None
    except ZeroDivisionError:
        raise FileFormatError("An area is too small to compute with.", file=file) from None
    except (ConfigError, FileFormatError) as error:
        raise type(error)(str(error), file=file, field=error.field) from None


def _cards(path: Path) -> _Cards:
    cards, table = _Cards(), ""
    rows: list[list[float]] = []
    for line, text in enumerate(read_lines(path), start=1):
        words = text.partition("#")[0].split()
        if not words:
            continue
        try:
            if words[0] == "ENDDATATABLE":
                cards.tables[table] = np.array(rows)
                table, rows = "", []
            elif table:
                rows.append(
                    [parse_number(w, path=path, line=line, column=table) for w in words[:2]]
                )
            elif words[0] == "DATATABLE":
                table = words[1]
            else:
                _take(cards, words, path, line)
        except (IndexError, ValueError):
            raise FileFormatError(
                f"Line {line}: card {words[0]} is incomplete.", file=path
            ) from None
    return cards


def _take(cards: _Cards, words: Sequence[str], path: Path, line: int) -> None:
    """One card into ``cards``; cards that a network does not need are left out."""

    def number(k: int) -> float:
        return parse_number(words[k], path=path, line=line, column=words[0])

    def index(k: int) -> int:
        return parse_index(words[k], path=path, line=line, column=words[0])

    match words[0]:
        case "SEGMENT":
            if len(words) <= SEGMENT_WORDS:
                raise IndexError
            sizes = number(3), number(7), number(8)
            if not all(0.0 < size < inf for size in sizes):
                raise FileFormatError(
                    f"Line {line}: segment {words[1]!r} needs a positive length and areas.",
                    file=path,
                )
            cards.segments[index(2)] = _Segment(
                words[1], sizes[0], sizes[1:], words[10], words[11], index(13), words[15], words[16]
            )
        case "JOINT":
            cards.joints.append((words[3], words[4]))
        case "JOINTINLET" | "JOINTOUTLET":
            cards.sides[words[1]] = [index(k) for k in range(3, len(words))]
        case "MATERIAL":
            cards.materials[words[1]] = _Material(number(3), number(4), number(6))
        case "SOLVEROPTIONS":
            cards.solver = number(1), index(3), words[5], words[6]
            if not (0.0 < cards.solver[0] < inf and cards.solver[1] > 0):
                raise FileFormatError(
                    f"Line {line}: the time step and the number of steps must be positive.",
                    file=path,
                )


def _network(cards: _Cards) -> FlowNetwork:
    if cards.solver is None or not cards.segments:
        raise FileFormatError("The file has no SOLVEROPTIONS or no SEGMENT.")
    joints: list[list[End]] = [
        [*((s, "outlet") for s in cards.sides[before]), *((s, "inlet") for s in cards.sides[after])]
        for before, after in cards.joints
    ]
    ends = number_ends(list(cards.segments), joints)
    vessels = tuple(
        _vessel(segment, cards, ends[index, "inlet"], ends[index, "outlet"])
        for index, segment in cards.segments.items()
    )
    outlets = {
        ends[index, "outlet"]: _outlet(segment, cards.tables)
        for index, segment in cards.segments.items()
        if segment.outlet != NO_OUTLET
    }
    fed = {index for before, after in cards.joints for index in cards.sides[after]}
    roots = [index for index in cards.segments if index not in fed]
    if len(roots) != 1:
        raise FileFormatError(
            f"The file has {len(roots)} segments that no joint leads to, not one."
        )
    step, n_steps, table, kind = cards.solver
    inlet = _inlet(kind, cards.tables[table])
    waves = [wave for end in (inlet, *outlets.values()) if (wave := end.waveform())]
    return FlowNetwork(
        vessels, {ends[roots[0], "inlet"]: inlet}, outlets, _timing(step, n_steps, waves)
    )


def _vessel(segment: _Segment, cards: _Cards, start: int, end: int) -> NetworkVessel:
    material = cards.materials[segment.material]
    if segment.loss not in LOSSES:
        raise FileFormatError(
            f"Segment {segment.name!r} has loss {segment.loss!r}; supported are "
            f"{' and '.join(LOSSES)}."
        )
    along = np.array([0.0, segment.length])
    areas = np.array(segment.areas)
    stenosis = 0.0
    if segment.loss == "STENOSIS":
        healthy = cards.segments[segment.upstream].areas[1]
        resistance, stenosis = young_tsai(
            healthy, segment.areas[0], segment.length, material.density, material.viscosity
        )
    else:
        flatter = (material.profile + 2.0) / (POISEUILLE_PROFILE + 2.0)
        radii = np.sqrt(areas / np.pi)
        resistance = flatter * viscous_resistance(along, radii, material.viscosity)[-1]
    return NetworkVessel(
        name=segment.name,
        start=start,
        end=end,
        resistance=float(resistance),
        stenosis=stenosis,
        inductance=inertance(along, 1.0 / areas, material.density),
    )


def _level(table: FloatArray) -> Waveform | float:
    """A table of times and values; one whose values are all the same is a number."""
    if np.ptp(table[:, 1]) == 0.0:
        return float(table[0, 1])
    return Waveform(table[:, 0], table[:, 1])


def _inlet(kind: str, table: FloatArray) -> Terminal:
    if kind not in GIVEN:
        raise FileFormatError(f"The inlet is of type {kind!r}; supported are {', '.join(GIVEN)}.")
    own_kind, key = GIVEN[kind]
    return Terminal("INLET", own_kind, {key: _level(table)})


def _outlet(segment: _Segment, tables: Mapping[str, FloatArray]) -> Terminal:
    kind, table = segment.outlet, tables[segment.table]
    if kind in ("FLOW", "PRESSURE"):
        own_kind, key = GIVEN[kind]
        return Terminal(segment.name, own_kind, {key: _level(table)})
    if kind not in OUTLET_VALUES:
        raise FileFormatError(
            f"Segment {segment.name!r} ends in {kind!r}; supported are FLOW, PRESSURE, "
            f"{', '.join(OUTLET_VALUES)}."
        )
    keys = OUTLET_VALUES[kind]
    values: dict[str, Waveform | float] = {"Pd": 0.0} if "Pd" in keys else {}
    values |= dict(zip(keys, table[:, 1].tolist(), strict=False))
    if kind == "CORONARY":
        values["Pim"] = _level(table[len(keys) :])
    return Terminal(segment.name, kind, values)


def _timing(step: float, n_steps: int, waves: Sequence[Waveform]) -> NetworkTiming:
    """Steps of the file's length, whole cycles of the waveforms."""
    period = waves[0].period_s if waves else n_steps * step
    if any(abs(wave.period_s - period) > 1e-6 * period for wave in waves):
        raise FileFormatError("The waveforms of the file have different periods; make them one.")
    return NetworkTiming(
        period=period,
        points_per_cycle=round(period / step) + 1,
        cycles=max(1, ceil(n_steps * step / period - 1e-9)),
    )
