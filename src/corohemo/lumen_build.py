"""Vessel tree to lumen: smooth curves, own radii, frames, healthy radius, lesions."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.kernels.frames import transport_frame
from corohemo.lesions import graded
from corohemo.lumen import Lumen, LumenBranch
from corohemo.lumen_options import LumenOptions
from corohemo.lumen_shapes import with_contours
from corohemo.tree import VesselTree
from corohemo.units import MM
from corohemo.vessel_chains import Chain, find_chains, leave_parent
from corohemo.vessel_curve import VesselCurve, fit_curve

__all__ = ["LumenOptions", "build_lumen"]

FloatArray = NDArray[np.float64]

TIGHTEST = 1.0
"""Radius of curvature over lumen radius below which sections of the lumen would cross."""
LEAST_SECTIONS = 4
MOST_SECTIONS = 20_000
NOTED_SHIFT = 0.2
"""A repair that moves the centerline farther than this is noted [radii]."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Cut:
    """The part of a chain's curve that belongs to one branch."""

    curve: VesselCurve
    low: float
    high: float
    continues: bool


def build_lumen(tree: VesselTree, options: LumenOptions | None = None) -> Lumen:
    """Smooth lumen of a vessel tree.

    At each bifurcation the daughter that is wide and well aligned continues its parent as one
    smooth curve; the others start on it, each with its own radius. The ostium and the outlets stay
    where they are; bifurcation points move with their parent's curve.

    Where a branch has contours, its sections take their areas and shapes.

    Args:
        tree: Branches of centerline points with radii.
        options: Choices; the defaults if None.

    Returns:
        Sections about every fifth of a radius, with frames, healthy radii and lesions; ``notes``
        says what was repaired or is unusual.

    Raises:
        GeometryError: If a vessel is closed, or bends more tightly than its lumen is wide and
            cannot be repaired within ``largest_shift_radii``; or if a contour is not star-shaped
            around the centerline.
    """
    options = options or LumenOptions()
    _check_open(tree, options)
    cuts: dict[int, _Cut] = {}
    notes: list[str] = list(tree.notes)
    for chain in find_chains(tree):
        chain = _attached(chain, cuts)
        curve = _chain_curve(chain, options)
        notes += _check_curve(tree, chain, curve, options)
        for k, index in enumerate(chain.branches):
            low, high = curve.nodes[chain.breaks[k]], curve.nodes[chain.breaks[k + 1]]
            cuts[index] = _Cut(curve, float(low), float(high), k > 0)
    branches = _sections(tree, cuts, options)
    notes += [
        f"Branch {branch.name} is shorter than its radius."
        for branch in branches
        if branch.length < branch.radii.max()
    ]
    for note in notes:
        logger.info(note)
    lumen = Lumen(branches, (), tree.source, tuple(notes), options, tree.surface)
    return graded(with_contours(lumen, tree))


def _check_open(tree: VesselTree, options: LumenOptions) -> None:
    for branch in tree.branches:
        closed = np.flatnonzero(~(branch.radii > options.least_radius_mm * MM))
        if len(closed):
            i = closed[0]
            raise GeometryError(
                f"the radius is {branch.radii[i] / MM:.3g} mm, which counts as closed (up to "
                f"lumen.least_radius_mm, {options.least_radius_mm:g} mm); end the branch before it "
                "or correct it.",
                branch=branch.name,
                abscissa=float(branch.abscissas[i]),
            )


def _chain_curve(chain: Chain, options: LumenOptions) -> VesselCurve:
    return fit_curve(
        chain.points,
        chain.radii,
        smoothing=options.smoothing_radii,
        least_curvature=options.least_curvature_radii,
        largest_shift=options.largest_shift_radii,
    )


def _attached(chain: Chain, cuts: dict[int, _Cut]) -> Chain:
    """The chain with its start on its parent's smooth curve."""
    if chain.parent < 0:
        return chain
    trunk = cuts[chain.parent]
    samples = np.arange(trunk.curve.last + 1.0)
    start = trunk.curve.position(trunk.high)
    return leave_parent(chain, start, trunk.curve.position(samples), trunk.curve.radius(samples))


def _check_curve(
    tree: VesselTree, chain: Chain, curve: VesselCurve, options: LumenOptions
) -> list[str]:
    """Refuse a curve that crosses itself locally; notes on one that is tight or was moved far."""
    k = int(np.searchsorted(curve.nodes[list(chain.breaks[1:])], curve.tightest_at))
    k = min(k, len(chain.branches) - 1)
    branch = tree.branches[chain.branches[k]]
    low, high = curve.nodes[chain.breaks[k]], curve.nodes[chain.breaks[k + 1]]
    part = (curve.tightest_at - low) / max(high - low, 1.0)
    abscissa = branch.start_abscissa + float(np.clip(part, 0.0, 1.0)) * branch.length
    if curve.tightest < TIGHTEST:
        raise GeometryError(
            f"the centerline bends with a radius of {curve.tightest:.2f} lumen radii, and moving "
            f"it by {options.largest_shift_radii:g} radii does not mend that; correct the points "
            "or the radii there.",
            branch=branch.name,
            abscissa=abscissa,
        )
    if curve.tightest < options.least_curvature_radii:
        return [
            f"Branch {branch.name} at {abscissa / MM:.1f} mm bends with a radius of "
            f"{curve.tightest:.2f} lumen radii."
        ]
    if curve.shift > NOTED_SHIFT:
        return [
            f"The centerline of {branch.name} was moved by {curve.shift:.2f} radii to make its "
            "bends possible."
        ]
    return []


def _sections(
    tree: VesselTree, cuts: dict[int, _Cut], options: LumenOptions
) -> tuple[LumenBranch, ...]:
    branches: list[LumenBranch] = []
    for index, branch in enumerate(tree.branches):
        cut = cuts[index]
        fine = np.linspace(cut.low, cut.high, max(int(4 * (cut.high - cut.low)), 16) + 1)
        abscissas = _abscissas(cut.curve, fine)
        where = np.interp(_stations(abscissas, cut.curve.radius(fine), options), abscissas, fine)
        points, tangents = cut.curve.position(where), cut.curve.tangents(where)
        parent = branches[branch.parent] if branch.parent >= 0 else None
        start = _start_normal(tangents[0], parent)
        normals = transport_frame(points, tangents, start)
        radii = cut.curve.radius(where)
        branches.append(
            LumenBranch(
                name=branch.name,
                parent=branch.parent,
                abscissas=(parent.abscissas[-1] if parent else 0.0)
                + np.interp(where, fine, abscissas),
                points=points,
                radii=radii,
                reference_radii=radii,
                tangents=tangents,
                normals=normals,
                binormals=np.cross(tangents, normals),
                continues=cut.continues,
            )
        )
    return tuple(branches)


def _abscissas(curve: VesselCurve, parameters: FloatArray) -> FloatArray:
    """Path length from the first parameter (n,) [m]: Gauss quadrature of the speed."""
    middle, half = 0.5 * (parameters[1:] + parameters[:-1]), 0.5 * np.diff(parameters)
    offset = half / np.sqrt(3.0)
    speeds = [np.linalg.norm(curve.position(middle + s * offset, 1), axis=1) for s in (-1, 1)]
    return np.concatenate([[0.0], np.cumsum(half * (speeds[0] + speeds[1]))])


def _stations(abscissas: FloatArray, radii: FloatArray, options: LumenOptions) -> FloatArray:
    """Abscissas of the sections, evenly spaced in local radii."""
    rate = 1.0 / radii
    steps = 0.5 * (rate[1:] + rate[:-1]) * np.diff(abscissas)
    turns = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = int(np.ceil(turns[-1] / options.section_spacing_radii))
    count = int(np.clip(wanted, LEAST_SECTIONS, MOST_SECTIONS))
    return np.interp(np.linspace(0.0, turns[-1], count + 1), turns, abscissas)


def _start_normal(tangent: FloatArray, parent: LumenBranch | None) -> FloatArray:
    """A unit normal to begin with: the parent's, or else one across the least axis."""
    if parent is not None:
        for candidate in (parent.normals[-1], parent.binormals[-1]):
            across = candidate - (candidate @ tangent) * tangent
            length = np.linalg.norm(across)
            if length > 0.5:
                return np.asarray(across / length, dtype=np.float64)
    axis = np.eye(3)[int(np.argmin(np.abs(tangent)))]
    across = axis - (axis @ tangent) * tangent
    return np.asarray(across / np.linalg.norm(across), dtype=np.float64)
