"""A map on voxels: values, where they lie in space, and which of them are myocardium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.units import MM

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SAME_PLACE = 1e-3 * MM
"""Distance up to which two grids count as the same."""


@dataclass(frozen=True)
class VoxelMap:
    """Values on a voxel grid.

    Attributes:
        values: Values (nx, ny, nz); NaN where there is none.
        affine: Voxel index to position (4, 4) [m], in the coordinate system of the tree.
    """

    values: FloatArray
    affine: FloatArray

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise InputError(
                f"A map must have three axes, got {self.values.ndim}; give one image of a series.",
                field="values",
            )
        linear = self.affine[:3, :3] if self.affine.shape == (4, 4) else np.zeros((3, 3))
        if not (np.isfinite(self.affine).all() and abs(np.linalg.det(linear)) > 0):
            raise InputError("The affine of a map must be an invertible (4, 4).", field="affine")

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel [m3]."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    def positions(self, chosen: BoolArray) -> FloatArray:
        """Centers of the chosen voxels (n, 3) [m]."""
        index = np.argwhere(chosen)
        return np.asarray(index @ self.affine[:3, :3].T + self.affine[:3, 3], dtype=np.float64)

    def require_same_grid(self, other: VoxelMap, *, what: str) -> None:
        """Refuse a map on another grid.

        Raises:
            InputError: If shape or position differ.
        """
        if self.values.shape != other.values.shape:
            raise InputError(
                f"The {what} has {other.values.shape} voxels, the map {self.values.shape}; "
                "resample one of them.",
                field=what,
            )
        if np.abs(self.affine - other.affine).max() > SAME_PLACE:
            raise InputError(
                f"The {what} lies elsewhere in space than the map; resample one of them.",
                field=what,
            )


def mask_of(voxels: VoxelMap, *, what: str = "mask") -> BoolArray:
    """Voxels of a mask, whose values must be 0 and 1.

    Raises:
        InputError: If a value is neither, or no voxel is chosen.
    """
    values = np.unique(voxels.values)
    if not np.isin(values, (0.0, 1.0)).all():
        shown = ", ".join(f"{value:g}" for value in values[:6])
        raise InputError(
            f"The {what} must hold 0 and 1 only, got {shown}; choose one label.", field=what
        )
    chosen = voxels.values == 1.0
    if not chosen.any():
        raise InputError(f"The {what} is empty.", field=what)
    return np.asarray(chosen)
