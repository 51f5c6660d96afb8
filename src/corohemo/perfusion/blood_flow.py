r"""Myocardial blood flow from time-attenuation curves, as a rate F [1/s] per volume of tissue.

6000 F is the flow in mL/100 mL/min. Three models, each with its own bias:

- maximum slope: F = max dC_T/dt / max C_a, too low as soon as contrast leaves the tissue before
  the arterial peak (``maximum_slope_bias`` gives the factor for a known residue);
- Patlak: C_T / C_a = K_1 \int C_a / C_a + V_b, whose K_1 = F (1 - exp(-PS / F)) (Renkin, Crone) is
  below F at high flow;
- Fermi deconvolution: C_T = F R * C_a with R(u) = (1 + A) / (1 + A exp(k u)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from corohemo.checks import require_positive
from corohemo.errors import InputError
from corohemo.kernels.fermi import fermi_residue, fit_fermi
from corohemo.perfusion.curves import TimeAttenuation

FloatArray = NDArray[np.float64]

FINE = 4
"""Quadrature points of the convolution per image interval."""
STARTS = ((0.1, 0.3), (1.0, 0.1), (0.02, 0.6))
"""Shapes A and rates k [1/s] that the deconvolution starts from; the best fit is kept."""


def maximum_slope(curves: TimeAttenuation, *, window: int = 3) -> FloatArray:
    """Flow by the steepest rise of the tissue over the peak of the artery (k,) [1/s].

    Args:
        curves: The curves.
        window: Images that a slope is fitted to, by least squares; more of them smooth noise and
            flatten the slope.

    Raises:
        InputError: If the window has less than two images or more than there are, or a tissue curve
            does not rise or has no contrast.

    Reference:
        Mullani and Gould 1983, J Nucl Med 24:577 (from memory).
    """
    n = curves.times.size
    if not (isinstance(window, int | np.integer) and 2 <= window <= n):
        raise InputError(
            f"The window must hold between 2 and {n} images, got {window!r}.", field="window"
        )
    slopes = []
    for first in range(n - window + 1):
        t = curves.times[first : first + window]
        centered = t - t.mean()
        slopes.append(curves.tissue[:, first : first + window] @ centered / (centered @ centered))
    steepest = np.max(slopes, axis=0)
    flat = (steepest <= 0) | (curves.tissue.max(axis=1) <= 0)
    if flat.any():
        raise InputError(
            f"{int(flat.sum())} of {flat.size} tissue curves show no contrast; leave them out.",
            field="tissue",
        )
    return np.asarray(steepest / curves.arterial.max(), dtype=np.float64)


def maximum_slope_bias(arterial: FloatArray, residue: FloatArray) -> float:
    r"""Factor by which the maximum slope is off for tissue of a known residue [-].

    dC_T / dt = F (C_a + R' * C_a), so the factor is max(C_a + R' * C_a) / max C_a, at most one.

    Args:
        arterial: Arterial curve on an even, fine time grid (n,).
        residue: Residue R on the same grid, one at the start (n,).
    """
    lost = np.convolve(arterial, np.diff(residue))[: arterial.size]
    rise = arterial[1:] + 0.5 * (lost[1:] + lost[:-1])
    return float(rise.max() / arterial.max())


@dataclass(frozen=True)
class PatlakFit:
    """Straight line of the Patlak plot.

    Attributes:
        transfer: K_1 (k,) [1/s].
        blood_volume: V_b (k,) [-].
        n_images: Images on the line.
    """

    transfer: FloatArray
    blood_volume: FloatArray
    n_images: int

    def flow(self, permeability_surface: float) -> FloatArray:
        """F from K_1 = F (1 - exp(-PS / F)) (k,) [1/s].

        Args:
            permeability_surface: PS of the tissue [1/s].

        Raises:
            InputError: If PS is not positive, or a transfer is not positive or not below PS.
        """
        require_positive(permeability_surface=permeability_surface)
        bad = (self.transfer <= 0) | (self.transfer >= permeability_surface)
        if bad.any():
            raise InputError(
                f"{int(bad.sum())} of {bad.size} transfer constants are not between 0 and the "
                f"permeability-surface product of {permeability_surface:g} 1/s, so no flow "
                "follows from them.",
                field="permeability_surface",
            )
        return np.array([_crone(k1, permeability_surface) for k1 in self.transfer])


def _crone(transfer: float, permeability_surface: float) -> float:
    """Flow at which the extraction gives the transfer."""

    def gap(log_flow: float) -> float:
        flow = np.exp(log_flow)
        return float(-flow * np.expm1(-permeability_surface / flow) - transfer)

    high = np.log(permeability_surface)
    while gap(high) < 0:
        high += 1.0
    return float(np.exp(brentq(gap, np.log(transfer) - 1e-9, high, xtol=1e-12)))


def patlak(
    curves: TimeAttenuation,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    least_arterial: float = 0.2,
) -> PatlakFit:
    """Transfer constant and blood volume from the Patlak plot.

    Args:
        curves: The curves.
        start_s: First time on the line; the arterial peak if None.
        end_s: Last time; the last image if None.
        least_arterial: Part of the arterial peak that an image must have.

    Raises:
        InputError: If fewer than three images lie on the line.

    Reference:
        Patlak, Blasberg, Fenstermacher 1983, J Cereb Blood Flow Metab 3:1.
    """
    t, artery = curves.times, curves.arterial
    first = t[int(artery.argmax())] if start_s is None else start_s
    last = t[-1] if end_s is None else end_s
    on_line = (t >= first) & (t <= last) & (artery >= least_arterial * artery.max())
    if on_line.sum() < 3:
        raise InputError(
            f"{int(on_line.sum())} images lie between {first:g} and {last:g} s with enough "
            "contrast in the artery; a Patlak line needs three.",
            field="start_s",
        )
    areas = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(t) * (artery[1:] + artery[:-1]))])
    x = (areas / np.where(on_line, artery, 1.0))[on_line]
    y = curves.tissue[:, on_line] / artery[on_line]
    centered = x - x.mean()
    transfer = y @ centered / (centered @ centered)
    volume = y.mean(axis=1) - transfer * x.mean()
    return PatlakFit(transfer, volume, int(on_line.sum()))


@dataclass(frozen=True)
class FermiFit:
    """Deconvolution by Fermi's function.

    Attributes:
        flow: F (k,) [1/s]; NaN where the residue is gone before the images can show it, so that
            only its area times the flow is known: a voxel of blood, or of noise.
        shape: A (k,) [-].
        rate: k (k,) [1/s].
        delay: Delay of the tissue behind the artery (k,) [s].
        residual: Root mean square of the residuals (k,) [HU].
    """

    flow: FloatArray
    shape: FloatArray
    rate: FloatArray
    delay: FloatArray
    residual: FloatArray


def fermi_deconvolution(curves: TimeAttenuation, *, delays_s: Sequence[float] = (0.0,)) -> FermiFit:
    """Flow by deconvolution with Fermi's function.

    The artery is linear between its images. Of several starts and delays the best fit is kept.

    Args:
        curves: The curves.
        delays_s: Delays of the tissue behind the artery that are tried.

    Raises:
        InputError: If a delay is negative or reaches beyond the images, or a tissue curve has no
            contrast.

    Reference:
        Jerosch-Herold, Wilke, Stillman 1998, Med Phys 25:73 (from memory).
    """
    span = float(curves.times[-1] - curves.times[0])
    if not len(delays_s) or not all(0 <= delay < span for delay in delays_s):
        raise InputError(
            f"The delays must lie between 0 and the {span:g} s of the images, got "
            f"{', '.join(f'{delay:g}' for delay in delays_s)}.",
            field="delays_s",
        )
    slope = maximum_slope(curves)
    squares = np.full(len(slope), np.inf)
    logs, delay = np.zeros((len(slope), 3)), np.zeros(len(slope))
    for lag in delays_s:
        integral, lags = convolution_rule(curves.times, curves.arterial, lag)
        for shape, rate in STARTS:
            begin = np.column_stack(
                [np.log(1.3 * slope), np.full((len(slope), 2), np.log([shape, rate]))]
            )
            found, left = fit_fermi(integral, lags, np.ascontiguousarray(curves.tissue), begin)
            better = left < squares
            squares[better], logs[better], delay[better] = left[better], found[better], lag
    flow, shapes, rates = np.exp(logs).T
    lasting = (1.0 + shapes) / rates * np.log1p(1.0 / shapes)
    flow = np.where(lasting < np.diff(curves.times).min() / FINE, np.nan, flow)
    residual = np.sqrt(squares / curves.times.size)
    return FermiFit(flow, shapes, rates, delay, residual)


def convolution_rule(
    times: FloatArray, arterial: FloatArray, delay: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Matrix whose product with a residue at the lags is its convolution with the artery.

    Args:
        times: Times of the images (n,) [s].
        arterial: Arterial curve, linear between them and zero before (n,).
        delay: Delay of the tissue [s].

    Returns:
        Matrix (n, m) and lags (m,) [s] of the trapezoidal rule.
    """
    step = float(np.diff(times).min()) / FINE
    n_lags = int(np.ceil((times[-1] - times[0]) / step)) + 1
    lags = np.asarray(np.arange(n_lags) * step, dtype=np.float64)
    weights = np.full(lags.size, step)
    weights[0] *= 0.5
    when = times[:, None] - delay - lags[None, :]
    values = np.interp(when.ravel(), times, arterial, left=0.0).reshape(when.shape)
    return np.ascontiguousarray(values * weights, dtype=np.float64), lags


def tissue_curve(
    times: FloatArray,
    arterial: FloatArray,
    flow: FloatArray,
    *,
    shape: float,
    rate: float,
    delay: float = 0.0,
) -> FloatArray:
    """Tissue curves of Fermi's model (k, n) for flows (k,) [1/s]; for synthetic data."""
    integral, lags = convolution_rule(times, arterial, delay)
    return np.outer(flow, integral @ fermi_residue(lags, shape, rate))
