"""Flow along a straight tube of varying radius with its velocity profile: no fitted loss.

Reduced Navier-Stokes equations (those of boundary layers across the whole tube; the pressure is
uniform in a section), marched downstream in eta = r / R(s):

    u u_s + w u_eta = -p_s / rho + nu / (R^2 eta) (eta u_eta)_eta,
    (R^2 u)_s / R^2 + (eta w)_eta / eta = 0,   2 pi R^2 int u eta d eta = Q.

Friction of a developing profile, the jet behind a throat, separation and the recovery of pressure
come out of them. Where u < 0, u u_s is left out (FLARE), so that marching goes on through eddies.
Finite volumes in eta, implicit Euler in s, Newton's method with block elimination at each station.

Reference:
    Lagree and Lorthois 2005, Int. J. Eng. Sci. 43:352-378;
    Reyhner and Fluegge-Lotz 1968, Int. J. Non-Linear Mech. 3:173-199 (FLARE).
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@nb.njit(cache=True)
def profile_grid(n_cells: int) -> FloatArray:
    """Borders of cells in eta, finer towards the wall (n_cells + 1,)."""
    return np.sin(0.5 * np.pi * np.arange(n_cells + 1) / n_cells)


@nb.njit(cache=True)
def fill_profile(shape: FloatArray, faces: FloatArray, flow: float, radius: float) -> FloatArray:
    """``shape`` (n,) scaled to carry ``flow`` [m3/s] in a section; the velocities (n,) [m/s]."""
    carried = np.pi * radius**2 * ((faces[1:] ** 2 - faces[:-1] ** 2) * shape).sum()
    return shape * (flow / carried)


@nb.njit(cache=True)
def parabola(faces: FloatArray) -> FloatArray:
    """Poiseuille's profile, cell means (n,), mean 1."""
    return 2.0 - (faces[1:] ** 2 + faces[:-1] ** 2)


@nb.njit(cache=True, error_model="numpy")
def solve_station(
    velocity: FloatArray,
    stream: FloatArray,
    before: FloatArray,
    carried: FloatArray,
    volumes: FloatArray,
    diffusion: FloatArray,
    step: float,
    gradient: float,
    tolerance: float,
    max_iterations: int,
    work: FloatArray,
) -> tuple[float, bool]:
    """Velocities at a station from those ``before``; ``velocity`` and ``stream`` are changed.

    Shapes: velocity, before, carried (R^2 u d(eta^2)/2 upstream), volumes (R^2 d(eta^2)/2) (n,);
    stream (R^2 eta w), diffusion (n + 1,) at the borders of the cells; work (n, 6).

    Returns:
        p_s / rho at the station, and whether Newton's method converged.
    """
    n = velocity.size
    largest = np.abs(before).max()
    for _ in range(max_iterations):
        for j in range(n):
            u, inner = velocity[j], velocity[j - 1] if j > 0 else 0.0
            outer = velocity[j + 1] if j < n - 1 else 0.0
            left, right = 0.5 * stream[j], 0.5 * stream[j + 1] if j < n - 1 else 0.0
            inertia = max(carried[j], 0.0)
            rise, fall = (u - inner if j > 0 else 0.0), (outer - u if j < n - 1 else 0.0)
            friction = diffusion[j] * rise + diffusion[j + 1] * (u - outer)
            transport = left * rise + right * fall
            first = carried[j] - volumes[j] * u - step * (stream[j + 1] - stream[j])
            second = inertia * (before[j] - u) - step * (
                transport + friction + volumes[j] * gradient
            )
            a11, a12 = volumes[j], step
            a21 = inertia + step * (left - right + diffusion[j] + diffusion[j + 1])
            a22 = 0.5 * step * fall
            pull1, pull2 = 0.0, -step * volumes[j]
            if j > 0:
                c21, c22 = -step * (left + diffusion[j]), 0.5 * step * rise
                first += step * work[j - 1, 1]
                second -= c21 * work[j - 1, 0] + c22 * work[j - 1, 1]
                pull1 += step * work[j - 1, 3]
                pull2 -= c21 * work[j - 1, 2] + c22 * work[j - 1, 3]
                a11 += step * work[j - 1, 5]
                a21 -= c21 * work[j - 1, 4] + c22 * work[j - 1, 5]
            above = step * (right - diffusion[j + 1]) if j < n - 1 else 0.0
            determinant = a11 * a22 - a12 * a21
            work[j, 0] = (a22 * first - a12 * second) / determinant
            work[j, 1] = (a11 * second - a21 * first) / determinant
            work[j, 2] = (a22 * pull1 - a12 * pull2) / determinant
            work[j, 3] = (a11 * pull2 - a21 * pull1) / determinant
            work[j, 4] = -a12 * above / determinant
            work[j, 5] = a11 * above / determinant
        turn = -(stream[n] + work[n - 1, 1]) / work[n - 1, 3]
        change, next_change = 0.0, 0.0
        for j in range(n - 1, -1, -1):
            own = work[j, 0] + work[j, 2] * turn - work[j, 4] * next_change
            stream[j + 1] += work[j, 1] + work[j, 3] * turn - work[j, 5] * next_change
            velocity[j] += own
            next_change = own
            change = max(change, abs(own))
        gradient += turn
        if change <= tolerance * largest:
            return gradient, True
        if not np.isfinite(change):
            return gradient, False
    return gradient, False


@nb.njit(cache=True)
def march_profile(
    abscissas: FloatArray,
    radii: FloatArray,
    viscosity: float,
    faces: FloatArray,
    velocity: FloatArray,
    step_radii: float,
    tolerance: float,
    max_iterations: int,
    drops: FloatArray,
) -> int:
    """Static pressure drop over the density from the first section to each one.

    Shapes: abscissas, radii, drops (n,); faces (m + 1,); ``velocity`` (m,) is the profile at the
    first section and becomes that at the last [m/s]. The radius is linear between sections.

    Args:
        abscissas: Path length of the sections, downstream [m].
        radii: Radii [m].
        viscosity: Kinematic viscosity [m2/s].
        faces: Borders of the cells in eta.
        velocity: Entry profile with the flow to be carried.
        step_radii: Longest step over the radius.
        tolerance: Relative change of the velocities that ends Newton's method.
        max_iterations: Newton steps at a station before giving up.
        drops: Filled with (p_0 - p_i) / rho [m2/s2].

    Returns:
        Section behind which Newton's method failed, -1 if all is well.
    """
    m = velocity.size
    shares = 0.5 * (faces[1:] ** 2 - faces[:-1] ** 2)
    centers = 0.5 * (faces[1:] + faces[:-1])
    diffusion = np.zeros(m + 1)
    for j in range(1, m):
        diffusion[j] = viscosity * faces[j] / (centers[j] - centers[j - 1])
    diffusion[m] = viscosity / (1.0 - centers[m - 1])
    stream, work = np.zeros(m + 1), np.zeros((m, 6))
    gradient = 0.0
    drops[0] = 0.0
    for i in range(abscissas.size - 1):
        length = abscissas[i + 1] - abscissas[i]
        n_steps = max(1, int(np.ceil(length / (step_radii * min(radii[i], radii[i + 1])))))
        step = length / n_steps
        drops[i + 1] = drops[i]
        for k in range(n_steps):
            before = velocity.copy()
            here = radii[i] + (radii[i + 1] - radii[i]) * k / n_steps
            there = radii[i] + (radii[i + 1] - radii[i]) * (k + 1) / n_steps
            gradient, converged = solve_station(
                velocity, stream, before, here**2 * shares * before, there**2 * shares, diffusion,
                step, gradient, tolerance, max_iterations, work,
            )  # fmt: skip
            if not converged:
                return i
            drops[i + 1] -= step * gradient
    return -1
