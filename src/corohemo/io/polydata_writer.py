"""Centerlines as VTK polydata under VMTK's names, one polyline per branch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corohemo.fields import BRANCH, BRANCH_NAMES, LENGTH_UNIT
from corohemo.io.polydata import INSCRIBED_ARRAYS
from corohemo.io.raw import RawCenterline
from corohemo.io.vtk_files import polydata, write_polydata


def write_centerline_polydata(raw: RawCenterline, path: Path) -> None:
    """Write points, radii and branches; daughters share the bifurcation point of their parent.

    Raises:
        InputError: If the file cannot be written.
    """
    names = raw.names or ("",) * len(raw.points)
    labels = list(dict.fromkeys(names))
    branch = np.array([labels.index(name) for name in names], dtype=np.int64)
    lines = []
    for k in range(len(labels)):
        own = np.flatnonzero(branch == k)
        before = raw.parents[own[0]]
        lines.append(np.concatenate([[before], own]) if before >= 0 else own)
    data = polydata(
        raw.points,
        lines=lines,
        point_data={INSCRIBED_ARRAYS[0]: raw.radii, BRANCH.array: branch},
        cell_data={BRANCH.array: np.arange(len(labels))},
        texts={LENGTH_UNIT: (raw.length_unit or "",), BRANCH_NAMES: tuple(labels)},
    )
    write_polydata(data, path)
