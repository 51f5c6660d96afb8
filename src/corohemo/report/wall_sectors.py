"""Table of the wall by sectors of 3 mm and 45 degrees, ``wall_sectors.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corohemo.fields import FIELDS
from corohemo.indices.results import WallSectors
from corohemo.indices.wall_shear import PIECES
from corohemo.report.files import write_csv
from corohemo.units import MM

if TYPE_CHECKING:
    from corohemo.indices.pulse import PulseIndices
    from corohemo.indices.results import Indices

FloatArray = NDArray[np.float64]

PLACE = ("state", "branch", "abscissa_mm", "angle_deg", "area_mm2")
OVER_CYCLE = ("tawss", "osi", "rrt", "ecap", "trans_wss", "cfi", "tsvi")


def write_wall_sectors(path: Path, indices: Indices, pulses: Mapping[str, PulseIndices]) -> None:
    """One row per state and sector: place, area, mean wall shear and means over the cycle.

    ``wss_pa`` is that of the main state; a number that was not computed is left empty, and
    ``result.json`` says why (notes of ``states.*.pulse`` and of its ``wall``).
    """
    sectors = indices.sectors
    main = next(iter(indices.states))
    columns = [FIELDS[name].array.lower() for name in ("wss", *OVER_CYCLE)]
    rows: list[list[Any]] = []
    for state in (main, *(name for name in pulses if name != main)):
        wss = sectors.wss if state == main else None
        rows += _rows(state, indices, sectors, [wss, *_over_cycle(sectors, pulses.get(state))])
    write_csv(path, [*PLACE, *columns], rows)


def _over_cycle(sectors: WallSectors, pulse: PulseIndices | None) -> list[FloatArray | None]:
    """Sector means of what the cycle tells (n,), None where it was not computed."""
    if pulse is None or pulse.wall is None:
        return [None] * len(OVER_CYCLE)
    found = pulse.wall.indices()
    values = [found[name] for name in OVER_CYCLE]
    return [None if value is None else sectors.mean(np.repeat(value, PIECES)) for value in values]


def _rows(
    state: str, indices: Indices, sectors: WallSectors, values: list[FloatArray | None]
) -> list[list[Any]]:
    names = [branch.name for branch in indices.lumen.branches]
    places = np.column_stack(
        [sectors.abscissa / MM, np.degrees(sectors.angle), sectors.area / MM**2]
    )
    return [
        [
            state,
            names[sectors.branch[k]],
            *(f"{number:.6g}" for number in places[k]),
            *(_text(column, k) for column in values),
        ]
        for k in range(len(sectors.key))
    ]


def _text(column: FloatArray | None, k: int) -> str | None:
    return None if column is None or np.isnan(column[k]) else f"{column[k]:.6g}"
