"""Which outlet feeds which part of the myocardium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from corohemo.checks import require_positive
from corohemo.errors import GeometryError, InputError
from corohemo.lumen import Lumen
from corohemo.perfusion.grid import BoolArray, VoxelMap, mask_of
from corohemo.units import GRAM, ML, MM, MYOCARDIUM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

METRICS = ("euclidean", "geodesic")
FEEDERS = ("vessel", "terminal")


@dataclass(frozen=True)
class Territories:
    """Myocardium by the outlet that feeds it.

    Attributes:
        grid: The mask that was divided.
        mask: Its voxels (nx, ny, nz).
        outlets: Names of the outlets.
        labels: Index of the outlet of each voxel of the mask (n_voxels,); -1 out of every reach.
        distances: Distance of each voxel to its outlet's vessel (n_voxels,) [m].
        metric: "euclidean" or "geodesic".
        minimum_diameter_mm: Healthy diameter from which a vessel feeds myocardium [mm].
    """

    grid: VoxelMap
    mask: BoolArray
    outlets: tuple[str, ...]
    labels: IntArray
    distances: FloatArray
    metric: str
    minimum_diameter_mm: float

    @property
    def masses_g(self) -> dict[str, float]:
        """Mass of each territory [g], at 1.05 g/mL."""
        density = MYOCARDIUM * ML / GRAM
        return {name: density * volume for name, volume in self.volumes_ml.items()}

    @property
    def volumes_ml(self) -> dict[str, float]:
        """Volume of each territory [mL]."""
        counts = np.bincount(self.labels + 1, minlength=len(self.outlets) + 1)[1:]
        volumes = counts * self.grid.voxel_volume / ML
        return dict(zip(self.outlets, map(float, volumes), strict=True))

    @property
    def unassigned_ml(self) -> float:
        """Volume of the mask that is out of reach of every vessel [mL]."""
        return float((self.labels < 0).sum()) * self.grid.voxel_volume / ML

    def map(self) -> VoxelMap:
        """Number of the outlet, from 1, in each voxel; 0 outside the mask."""
        values = np.zeros(self.mask.shape)
        values[self.mask] = self.labels + 1.0
        return VoxelMap(values, self.grid.affine)


def assign_territories(
    lumen: Lumen,
    mask: VoxelMap,
    *,
    minimum_diameter_mm: float = 1.0,
    metric: str = "euclidean",
    feeders: str = "vessel",
    reach_mm: float | None = None,
    most_distance_mm: float = 20.0,
) -> Territories:
    """Give each voxel of the myocardium to the outlet whose vessel is nearest.

    An outlet's vessel are the branches that continue one another up to it, so that the septum
    beside the middle LAD goes to the LAD's outlet; with ``feeders="terminal"`` it is the last
    branch alone, and that septum goes to the nearest side branch. Either way only where the healthy
    diameter is at least the cut-off. Geodesic distances run through the mask, from voxel to voxel
    of its 26 neighbours, and start where a vessel comes closest to it.

    Args:
        lumen: The lumen, in the mask's coordinate system.
        mask: Myocardium as 0 and 1.
        minimum_diameter_mm: Segmentation cut-off [mm].
        metric: "euclidean" or "geodesic".
        feeders: "vessel" or "terminal".
        reach_mm: Distance to the nearest vessel beyond which a voxel belongs to one that the lumen
            does not hold, such as the right coronary artery beside a left tree; None gives every
            voxel to an outlet.
        most_distance_mm: Distance from a vessel to the mask above which they count as
            apart [mm].

    Raises:
        InputError: If the mask is not one, the metric is unknown, tree and mask lie apart, or parts
            of the mask are cut off from every vessel.
        GeometryError: If an outlet's branch is narrower than the cut-off everywhere.
    """
    for field, value, choices in (("metric", metric, METRICS), ("feeders", feeders, FEEDERS)):
        if value not in choices:
            raise InputError(
                f"The {field} must be one of {', '.join(choices)}, got {value!r}.", field=field
            )
    require_positive(minimum_diameter_mm=minimum_diameter_mm, most_distance_mm=most_distance_mm)
    if reach_mm is not None:
        require_positive(reach_mm=reach_mm)
    chosen = mask_of(mask)
    voxels = mask.positions(chosen)
    seeds, owners = _seeds(lumen, minimum_diameter_mm, feeders)
    closest, nearest_voxel = cKDTree(voxels).query(seeds)
    for index, name in enumerate(lumen.outlet_names):
        gap = float(closest[owners == index].min())
        if gap > most_distance_mm * MM:
            raise InputError(
                f"The vessel of outlet {name!r} lies {gap / MM:.0f} mm from the mask at its "
                "closest: tree and mask are apart. Check their units and patient systems "
                "(RAS or LPS).",
                field="mask",
            )
    if metric == "euclidean":
        distances, seed = cKDTree(seeds).query(voxels)
        labels = owners[seed]
    else:
        distances, labels = _geodesic(mask, chosen, voxels, nearest_voxel, closest, owners)
    labels = np.asarray(labels, dtype=np.int64)
    if reach_mm is not None:
        labels[distances > reach_mm * MM] = -1
    return Territories(
        grid=mask,
        mask=chosen,
        outlets=lumen.outlet_names,
        labels=labels,
        distances=np.asarray(distances, dtype=np.float64),
        metric=metric,
        minimum_diameter_mm=minimum_diameter_mm,
    )


def _seeds(lumen: Lumen, minimum_diameter_mm: float, feeders: str) -> tuple[FloatArray, IntArray]:
    """Points of the vessels above the cut-off (n, 3) [m] and their outlets (n,)."""
    points, owners = [], []
    for index, branch in enumerate(lumen.branches):
        wide = 2.0 * branch.reference_radii >= minimum_diameter_mm * MM
        if index in lumen.outlets and not wide.any():
            raise GeometryError(
                f"the branch is narrower than the cut-off of {minimum_diameter_mm:g} mm "
                "everywhere, so its outlet would get no myocardium; lower the cut-off or leave "
                "the branch out.",
                branch=branch.name,
            )
        if index in lumen.outlets or feeders == "vessel":
            owner = lumen.outlets.index(_end_of_vessel(lumen, index))
            points.append(branch.points[wide])
            owners.append(np.full(int(wide.sum()), owner))
    return np.concatenate(points), np.concatenate(owners)


def _end_of_vessel(lumen: Lumen, index: int) -> int:
    """Outlet branch that a branch runs on to: by its continuing, else its widest daughters."""
    while daughters := lumen.children(index):
        index = max(
            daughters,
            key=lambda i: (lumen.branches[i].continues, float(lumen.branches[i].radii[0])),
        )
    return index


def _geodesic(
    mask: VoxelMap,
    chosen: BoolArray,
    voxels: FloatArray,
    entries: IntArray,
    gaps: FloatArray,
    owners: IntArray,
) -> tuple[FloatArray, IntArray]:
    """Distance (n,) [m] and outlet (n,) of each voxel along paths through the mask.

    Each outlet is a node joined to the voxels where its vessel comes close, as far as the gap.
    """
    n = len(voxels)
    number = np.full(chosen.shape, -1, dtype=np.int64)
    number[chosen] = np.arange(n)
    padded = np.pad(number, 1, constant_values=-1)
    rows, columns, lengths = [], [], []
    for offset in _half_neighbours():
        there = padded[
            tuple(slice(1 + o, 1 + o + s) for o, s in zip(offset, number.shape, strict=True))
        ]
        both = (number >= 0) & (there >= 0)
        rows.append(number[both])
        columns.append(there[both])
        step = float(np.linalg.norm(mask.affine[:3, :3] @ offset))
        lengths.append(np.full(int(both.sum()), step))
    n_outlets = int(owners.max()) + 1
    for outlet in range(n_outlets):
        own = np.flatnonzero(owners == outlet)
        own = own[np.argsort(gaps[own])]
        entry, first = np.unique(entries[own], return_index=True)
        rows.append(np.full(entry.size, n + outlet))
        columns.append(entry)
        lengths.append(np.maximum(gaps[own][first], 1e-12))
    shape = (n + n_outlets, n + n_outlets)
    edges = np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns))
    distances, _, sources = dijkstra(
        coo_array(edges, shape=shape).tocsr(),
        directed=False,
        indices=np.arange(n, n + n_outlets),
        min_only=True,
        return_predecessors=True,
    )
    if not np.isfinite(distances[:n]).all():
        lost = int(np.isinf(distances[:n]).sum())
        raise InputError(
            f"{lost} of {n} voxels of the mask are cut off from every vessel; remove the loose "
            "parts, or use the euclidean metric.",
            field="mask",
        )
    return distances[:n], sources[:n] - n


def _half_neighbours() -> list[tuple[int, int, int]]:
    """One of each pair of opposite neighbours of a voxel."""
    every = [(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]
    return [offset for offset in every if offset > (0, 0, 0)]
