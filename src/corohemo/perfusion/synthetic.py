"""A synthetic left ventricle under the gallery's left tree, with blood flow that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import require_positive
from corohemo.errors import InputError
from corohemo.gallery.left import HEART_MM
from corohemo.lumen import Lumen
from corohemo.perfusion.blood_flow import tissue_curve
from corohemo.perfusion.curves import TimeAttenuation
from corohemo.perfusion.grid import VoxelMap
from corohemo.perfusion.territories import Territories, assign_territories
from corohemo.perfusion.transmural import transmural_depth
from corohemo.units import ML_PER_100ML_MIN, MM

FloatArray = NDArray[np.float64]

ARTERIAL = {"arrival_s": 4.0, "power": 3.0, "width_s": 1.8, "peak_hu": 350.0}
"""Gamma variate of a 50 mL bolus in the ascending aorta, of plausible size."""
RESIDUE = {"shape": 0.1, "rate": 0.3}
"""Fermi's A and k [1/s] of the tissue: contrast stays for about 8 s."""


@dataclass(frozen=True)
class SyntheticVentricle:
    """A left ventricle with known perfusion.

    Attributes:
        mask: Myocardium as 0 and 1.
        cavity: Cavity as 0 and 1.
        territories: Myocardium by outlet.
        depth: 0 at the endocardium, 1 at the epicardium (n_voxels,).
        blood_flow: True MBF [mL/100 mL/min], NaN outside the myocardium.
    """

    mask: VoxelMap
    cavity: VoxelMap
    territories: Territories
    depth: FloatArray
    blood_flow: VoxelMap

    def curves(
        self, times: FloatArray, *, signal_to_noise: float | None = None, seed: int = 0
    ) -> TimeAttenuation:
        """Time-attenuation curves of all voxels of the myocardium.

        Args:
            times: Times of the images (n,) [s].
            signal_to_noise: Peak enhancement of a voxel at the mean MBF over the standard
                deviation of the noise; None for none.
            seed: Seed of the noise.
        """
        artery = arterial_curve(times)
        flow = self.blood_flow.values[self.territories.mask] * ML_PER_100ML_MIN
        fine = np.arange(times[0], times[-1] + 0.05, 0.05)
        exact = tissue_curve(fine, arterial_curve(fine), np.ones(1), **RESIDUE)[0]
        tissue = np.outer(flow, np.interp(times, fine, exact))
        if signal_to_noise is not None:
            require_positive(signal_to_noise=signal_to_noise)
            sd = tissue.max(axis=1).mean() / signal_to_noise
            tissue = tissue + np.random.default_rng(seed).normal(0.0, sd, tissue.shape)
        return TimeAttenuation.from_arrays(times, artery, tissue)

    def filled(self, values: FloatArray) -> VoxelMap:
        """Values of the myocardium (n_voxels,) as a map, NaN elsewhere."""
        grid = np.full(self.territories.mask.shape, np.nan)
        grid[self.territories.mask] = values
        return VoxelMap(grid, self.mask.affine)


def arterial_curve(times: FloatArray) -> FloatArray:
    """Enhancement of the aorta, a gamma variate (n,) [HU]."""
    power, width = ARTERIAL["power"], ARTERIAL["width_s"]
    since = np.maximum(np.asarray(times, dtype=np.float64) - ARTERIAL["arrival_s"], 0.0)
    rise = (since / (power * width)) ** power * np.exp(power - since / width)
    return np.asarray(ARTERIAL["peak_hu"] * rise, dtype=np.float64)


def synthetic_ventricle(
    lumen: Lumen,
    blood_flow: float | Mapping[str, float],
    *,
    inner_to_outer: float = 1.1,
    voxel_mm: float = 3.0,
    wall_mm: float = 10.0,
) -> SyntheticVentricle:
    """A half-ellipsoidal shell that the gallery's left tree lies on.

    Args:
        lumen: Lumen of ``gallery.left_tree``.
        blood_flow: Mean MBF of each outlet's territory, or of all [mL/100 mL/min].
        inner_to_outer: MBF of the inner third over that of the outer third; linear between the
            endocardium and the epicardium.
        voxel_mm: Size of a voxel [mm].
        wall_mm: Thickness of the wall [mm].

    Raises:
        InputError: If a number is not positive, or an outlet lacks its flow.
    """
    require_positive(inner_to_outer=inner_to_outer, voxel_mm=voxel_mm, wall_mm=wall_mm)
    size = np.ceil(2.0 * HEART_MM / voxel_mm).astype(int) + 3
    size[2] = int(np.ceil(HEART_MM[2] / voxel_mm)) + 2
    origin = -0.5 * voxel_mm * (size - 1.0)
    origin[2] = -HEART_MM[2] - voxel_mm
    affine = np.diag([voxel_mm, voxel_mm, voxel_mm, 1.0]) * MM
    affine[:3, 3], affine[3, 3] = origin * MM, 1.0
    axes = [origin[i] + voxel_mm * np.arange(size[i]) for i in range(3)]
    x, y, z = np.meshgrid(*axes, indexing="ij")

    def inside(semi_axes: FloatArray) -> NDArray[np.bool_]:
        scaled = sum((part / axis) ** 2 for part, axis in zip((x, y, z), semi_axes, strict=True))
        return np.asarray((scaled <= 1.0) & (z <= 0.0))

    blood = inside(HEART_MM - wall_mm)
    cavity = VoxelMap(blood.astype(np.float64), affine)
    mask = VoxelMap((inside(HEART_MM) & ~blood).astype(np.float64), affine)
    territories = assign_territories(lumen, mask)
    depth = transmural_depth(mask, cavity)
    given = blood_flow if isinstance(blood_flow, Mapping) else None
    missing = [] if given is None else [n for n in territories.outlets if n not in given]
    if missing:
        raise InputError(f"The blood flow lacks outlet {', '.join(missing)}.", field="blood_flow")
    slope = 3.0 * (inner_to_outer - 1.0) / (inner_to_outer + 1.0)
    values = np.full(depth.size, np.nan)
    for number, name in enumerate(territories.outlets):
        own = territories.labels == number
        mean = float(blood_flow) if not isinstance(blood_flow, Mapping) else blood_flow[name]
        require_positive(blood_flow=mean)
        profile = 1.0 + slope * (0.5 - depth[own])
        values[own] = mean * profile / profile.mean()
    grid = np.full(mask.values.shape, np.nan)
    grid[territories.mask] = values
    return SyntheticVentricle(mask, cavity, territories, depth, VoxelMap(grid, affine))
