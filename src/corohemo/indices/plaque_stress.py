"""Axial plaque stress: the pull and push of the blood along a lesion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import nearest_word
from corohemo.errors import ConfigError, GeometryError
from corohemo.indices.locator import PointLocator
from corohemo.indices.options import PRESSURE_REFERENCES
from corohemo.indices.results import PlaqueStress
from corohemo.indices.sampling import sample_branch
from corohemo.indices.venous import venous_pressure
from corohemo.indices.wall_shear import facet_branches, facet_stress, place_on_lumen
from corohemo.kernels.plaque import axial_stress
from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS
from corohemo.lumen import Lesion, Lumen
from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CUT_LEVEL = 12
"""Parts into which each edge of a facet that a lesion's border cuts is divided."""
SHARP = 1e-12
"""Axial length [m] over which a border counts in facets that no border cuts."""


def compute_plaque_stress(
    solution: FlowSolution,
    lumen: Lumen,
    *,
    reference: str = "gauge",
    locator: PointLocator | None = None,
) -> tuple[PlaqueStress, ...]:
    r"""Axial plaque stress of every lesion.

    With n out of the fluid, t the centerline tangent in flow direction and the traction of the
    fluid on the wall f = (p - p_ref) n - 2 \mu D(u) n:

        aps = f . t,    APS = (1 / |A|) \int_A aps dA

    over the wall from the lesion's start to its throat (upstream) and from there to its end. Facets
    that a border cuts are integrated on a refined rule.

    Args:
        solution: Flow field.
        lumen: Lumen the mesh came from.
        reference: "gauge" (as published: Choi et al., JACC Cardiovasc Imaging 2015;8:1156),
            "local" (section mean at the throat) or "venous".
        locator: Locator of the flow's mesh; made if None.

    Returns:
        One result per lesion of the lumen, in order.

    Raises:
        ConfigError: If the reference is unknown, or venous where no outlet has such a pressure.
        GeometryError: If a lesion has no wall in the mesh.
    """
    if reference not in PRESSURE_REFERENCES:
        raise ConfigError(
            f"The pressure reference must be one of {', '.join(PRESSURE_REFERENCES)}; "
            f"got {reference!r}.",
            field="plaque_stress_reference",
            nearest=nearest_word(reference, PRESSURE_REFERENCES),
        )
    mesh = solution.mesh
    wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
    branches = facet_branches(mesh, wall)
    names = [branch.name for branch in lumen.branches]
    locator = locator or PointLocator.of(mesh)
    return tuple(
        _lesion_stress(
            solution,
            lumen,
            lesion,
            wall[branches == names.index(lesion.branch)],
            reference,
            locator,
        )
        for lesion in lumen.lesions
    )


def _lesion_stress(
    solution: FlowSolution,
    lumen: Lumen,
    lesion: Lesion,
    facets: IntArray,
    reference: str,
    locator: PointLocator,
) -> PlaqueStress:
    """Integrate over the wall facets of the lesion's branch."""
    index = [branch.name for branch in lumen.branches].index(lesion.branch)
    zero = _reference_pressure(solution, lumen, lesion, reference, locator)
    axial, areas, abscissa, blur = _sample_wall(solution, lumen, lesion, facets, zero, locator)

    before_start, before_throat, before_end = (
        _share_before(border, abscissa, blur, lumen.branches[index].abscissas)
        for border in (lesion.start, lesion.throat, lesion.end)
    )
    upstream = areas * (before_throat - before_start)
    downstream = areas * (before_end - before_throat)
    area, upstream_area = float(np.sum(upstream + downstream)), float(upstream.sum())
    if area <= 0:
        raise GeometryError(
            f"lesion {lesion.name} has no wall in the mesh; give the lumen that was meshed.",
            branch=lesion.branch,
            abscissa=lesion.throat,
        )
    upstream_force, downstream_force = float(axial @ upstream), float(axial @ downstream)
    downstream_area = float(downstream.sum())
    return PlaqueStress(
        lesion=lesion.name,
        reference=reference,
        reference_pressure=zero,
        upstream=upstream_force / upstream_area if upstream_area > 0 else None,
        downstream=downstream_force / downstream_area if downstream_area > 0 else None,
        net=(upstream_force + downstream_force) / area,
        mean_magnitude=float(np.abs(axial) @ (upstream + downstream)) / area,
        upstream_force=upstream_force,
        downstream_force=downstream_force,
        upstream_area=upstream_area,
        downstream_area=downstream_area,
    )


def _share_before(
    border: float, abscissa: FloatArray, blur: FloatArray, line: FloatArray
) -> FloatArray:
    """Part of each patch before a border; a border at an end of the branch takes all or nothing."""
    if border <= line[0]:
        return np.zeros_like(abscissa)
    if border >= line[-1]:
        return np.ones_like(abscissa)
    return np.clip(0.5 + (border - abscissa) / blur, 0.0, 1.0)


def _sample_wall(
    solution: FlowSolution,
    lumen: Lumen,
    lesion: Lesion,
    facets: IntArray,
    zero: float,
    locator: PointLocator,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Axial stress [Pa], area [m2], abscissa [m] and axial length [m] of patches of the wall."""
    mesh = solution.mesh
    index = [branch.name for branch in lumen.branches].index(lesion.branch)
    corners = mesh.points[mesh.facets[facets]].reshape(-1, 3)
    place, _ = place_on_lumen(corners, np.full(len(corners), index), lumen)
    low = place.reshape(-1, 6).min(axis=1)
    high = place.reshape(-1, 6).max(axis=1)
    cut = np.zeros(len(facets), dtype=bool)
    margin = (high - low) / CUT_LEVEL
    for border in (lesion.start, lesion.throat, lesion.end):
        cut |= (low - margin < border) & (border < high + margin)
    whole = ~cut & (low >= lesion.start) & (high <= lesion.end)
    parts = []
    for chosen, level in ((whole, 1), (cut, CUT_LEVEL)):
        rule_points, rule_weights = _divided_rule(level)
        positions, vectors, shear, pressure = facet_stress(
            solution, facets[chosen], locator, rule_points=rule_points, rule_weights=rule_weights
        )
        points, vectors = positions.reshape(-1, 3), vectors.reshape(-1, 3)
        areas = np.linalg.norm(vectors, axis=1)
        abscissa, tangents = place_on_lumen(points, np.full(len(points), index), lumen)
        axial = axial_stress(
            vectors / areas[:, None], pressure.reshape(-1) - zero, shear.reshape(-1, 3), tangents
        )
        length = (high - low)[chosen] / level if level > 1 else np.full(chosen.sum(), SHARP)
        parts.append((axial, areas, abscissa, np.repeat(length, len(rule_weights))))
    axial, areas, abscissa, blur = (np.concatenate(column) for column in zip(*parts, strict=True))
    return axial, areas, abscissa, blur


def _divided_rule(level: int) -> tuple[FloatArray, FloatArray]:
    """The six-point rule on each of ``level**2`` parts of the reference triangle."""
    corners, signs = [], []
    for i in range(level):
        for j in range(level - i):
            corners.append((i, j))
            signs.append(1.0)
            if i + j < level - 1:
                corners.append((i + 1, j + 1))
                signs.append(-1.0)
    shifted = np.array(signs)[:, None, None] * TRIANGLE_POINTS[None]
    points = (np.array(corners, dtype=np.float64)[:, None, :] + shifted) / level
    return points.reshape(-1, 2), np.tile(TRIANGLE_WEIGHTS, len(corners)) / level**2


def _reference_pressure(
    solution: FlowSolution, lumen: Lumen, lesion: Lesion, reference: str, locator: PointLocator
) -> float:
    """Pressure that the stress is measured from [Pa]."""
    index = [branch.name for branch in lumen.branches].index(lesion.branch)
    if reference == "venous":
        return _lesion_venous_pressure(solution, lumen, index)
    if reference == "local":
        branch = lumen.branches[index]
        pressure, _, chosen = sample_branch(solution, locator, branch)
        return float(np.interp(lesion.throat, branch.abscissas[chosen], pressure))
    return 0.0


def _lesion_venous_pressure(solution: FlowSolution, lumen: Lumen, index: int) -> float:
    """Venous pressure of the first outlet behind branch ``index`` [Pa]."""
    outlet = next(
        name
        for i, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
        if index in lumen.path(i)
    )
    pressure = venous_pressure(solution.boundaries, outlet)
    if pressure is None:
        raise ConfigError(
            f"Outlet {outlet!r} has no venous pressure behind a resistance; choose the gauge or "
            "the local reference for plaque stress.",
            field="plaque_stress_reference",
        )
    return pressure
