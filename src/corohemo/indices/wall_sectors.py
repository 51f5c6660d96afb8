"""Wall shear stress by sectors: pieces of the wall a few millimetres long and 45 degrees wide.

Plaque is read in such sectors (3 mm and 45 degrees: Stone et al., Circulation 2012;126:172), and
their area means converge with the mesh, which point values do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import require_positive
from corohemo.errors import InputError
from corohemo.indices.results import WallSectors, WallShear
from corohemo.lumen import Lumen, LumenBranch
from corohemo.units import MM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def sector_wall_shear(
    wall: WallShear, lumen: Lumen, *, length_mm: float = 3.0, angle_deg: float = 45.0
) -> WallSectors:
    """Area mean of the wall shear stress in every sector.

    A branch is cut into equal pieces of about ``length_mm``, each into equal angles, counted from
    the normal of its transported frame.

    Args:
        wall: Wall shear stress of the lumen, best with ``at="pieces"``: facets may be longer than a
            sector, and each value counts for the sector that holds its point.
        lumen: The lumen; its frames tell the angles.
        length_mm: Wanted length of a sector [mm].
        angle_deg: Wanted width of a sector [degrees].

    Raises:
        InputError: If a size is not positive or the angle exceeds 360 degrees.
    """
    require_positive(length_mm=length_mm, angle_deg=angle_deg)
    if angle_deg > 360.0:
        raise InputError(f"angle_deg must be at most 360, got {angle_deg:g}.", field="angle_deg")
    around = max(round(360.0 / angle_deg), 1)
    keys = np.empty(len(wall.weights), dtype=np.int64)
    middles, angles, branches = [], [], []
    first = 0
    for index, branch in enumerate(lumen.branches):
        mine = np.flatnonzero(wall.branch == index)
        along = max(round(branch.length / (length_mm * MM)), 1)
        part = (wall.abscissa[mine] - branch.abscissas[0]) / branch.length
        piece = np.clip((part * along).astype(np.int64), 0, along - 1)
        turn = _angles(branch, wall.points[mine], wall.abscissa[mine])
        wedge = np.minimum((turn / (2 * np.pi) * around).astype(np.int64), around - 1)
        keys[mine] = first + piece * around + wedge
        length = branch.length / along
        middles.append(branch.abscissas[0] + length * (np.repeat(np.arange(along), around) + 0.5))
        angles.append(np.tile(2 * np.pi * (np.arange(around) + 0.5) / around, along))
        branches.append(np.full(along * around, index))
        first += along * around
    area = np.bincount(keys, weights=wall.weights, minlength=first)
    force = np.bincount(keys, weights=wall.weights * wall.magnitude, minlength=first)
    held, of_wall = np.unique(keys, return_inverse=True)
    return WallSectors(
        branch=np.concatenate(branches)[held],
        abscissa=np.concatenate(middles)[held],
        angle=np.concatenate(angles)[held],
        area=area[held],
        wss=force[held] / area[held],
        key=held,
        of_wall=of_wall,
        weights=wall.weights,
    )


def _angles(branch: LumenBranch, points: FloatArray, abscissa: FloatArray) -> FloatArray:
    """Angle of points about the centerline from the normal, 0 to 2 pi (n,)."""
    center, normal, binormal = (
        np.column_stack([np.interp(abscissa, branch.abscissas, axis) for axis in column.T])
        for column in (branch.points, branch.normals, branch.binormals)
    )
    offset = points - center
    turn = np.arctan2(np.sum(offset * binormal, axis=1), np.sum(offset * normal, axis=1))
    return np.asarray(np.mod(turn, 2 * np.pi))
