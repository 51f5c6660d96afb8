"""From endocardium to epicardium: depth of each voxel and the transmural perfusion ratio."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from corohemo.errors import InputError
from corohemo.perfusion.grid import BoolArray, VoxelMap, mask_of
from corohemo.perfusion.territories import Territories

FloatArray = NDArray[np.float64]


def transmural_depth(mask: VoxelMap, cavity: VoxelMap) -> FloatArray:
    """Depth of each voxel of the myocardium, 0 at the endocardium and 1 at the epicardium (n,).

    d_endo / (d_endo + d_epi), with the distances to the cavity and to what is neither cavity nor
    myocardium; surfaces lie half a voxel before the centers of their neighbours.

    Args:
        mask: Myocardium as 0 and 1.
        cavity: Left-ventricular cavity as 0 and 1, on the same grid.

    Raises:
        InputError: If the grids differ, the masks overlap, or the affine is sheared.
    """
    mask.require_same_grid(cavity, what="cavity")
    wall, blood = mask_of(mask), mask_of(cavity, what="cavity")
    if (wall & blood).any():
        raise InputError(
            f"Myocardium and cavity share {int((wall & blood).sum())} voxels.", field="cavity"
        )
    spacing = np.linalg.norm(mask.affine[:3, :3], axis=0)
    if abs(np.prod(spacing) / mask.voxel_volume - 1) > 1e-6:
        raise InputError("The axes of the map are not perpendicular; resample it.", field="mask")
    outside = np.pad(~(wall | blood), 1, constant_values=True)
    to_endo = distance_transform_edt(~blood, sampling=spacing)
    to_epi = distance_transform_edt(~outside, sampling=spacing)[1:-1, 1:-1, 1:-1]
    half = 0.5 * float(spacing.min())
    endo, epi = to_endo[wall] - half, to_epi[wall] - half
    return np.asarray(endo / (endo + epi), dtype=np.float64)


def transmural_ratio(
    values: VoxelMap, territories: Territories, depth: FloatArray
) -> dict[str, float | None]:
    """Mean of the inner third over mean of the outer third, per territory.

    Args:
        values: The perfusion map.
        territories: Myocardium by outlet, on the same grid.
        depth: ``transmural_depth`` of the same mask (n_voxels,).

    Returns:
        Ratio by outlet; None where a third has no voxel with a value, or the outer one no flow.

    Raises:
        InputError: If the grids or the number of voxels differ.
    """
    territories.grid.require_same_grid(values, what="map")
    flow = values.values[territories.mask]
    if depth.shape != flow.shape:
        raise InputError(
            f"The depth has {depth.size} voxels, the territories {flow.size}.", field="depth"
        )
    ratios: dict[str, float | None] = {}
    for number, name in enumerate(territories.outlets):
        own = (territories.labels == number) & np.isfinite(flow)
        inner, outer = own & (depth < 1 / 3), own & (depth > 2 / 3)
        ratios[name] = _ratio(flow, inner, outer)
    return ratios


def _ratio(flow: FloatArray, inner: BoolArray, outer: BoolArray) -> float | None:
    if not (inner.any() and outer.any()):
        return None
    outside = float(flow[outer].mean())
    return float(flow[inner].mean()) / outside if outside > 0 else None
