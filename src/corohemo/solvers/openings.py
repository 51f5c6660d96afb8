"""Functionals on the faces of a lumen mesh: flux, area mean, inlet profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.womersley import womersley_shape

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ComplexArray = NDArray[np.complex128]


def face_facets(mesh: LumenMesh, face: str) -> IntArray:
    """Facets of a face (k, 6)."""
    return mesh.facets[mesh.facet_face == mesh.faces.index(face)]


def face_nodes(mesh: LumenMesh, face: str) -> IntArray:
    """Sorted nodes of a face (n,)."""
    return np.unique(face_facets(mesh, face))


def flux_weights(mesh: LumenMesh, face: str) -> tuple[IntArray, FloatArray]:
    """Weights whose product with the nodal velocity is its flux out of the fluid through ``face``.

    The integral of the quadratic velocity over the curved facets is exact.

    Returns:
        Nodes of the face (n,) and weights, the integrals of shape times normal (n, 3) [m2].
    """
    return _integrals(mesh, face, magnitude=False)


def area_weights(mesh: LumenMesh, face: str) -> tuple[IntArray, FloatArray]:
    """Nodes (n,) and weights (n, 1) [m2] whose product with a scalar is its integral on it."""
    return _integrals(mesh, face, magnitude=True)


def _integrals(mesh: LumenMesh, face: str, *, magnitude: bool) -> tuple[IntArray, FloatArray]:
    from corohemo.kernels.quadratic import TRIANGLE_POINTS, facet_quadrature, triangle_shapes

    facets = face_facets(mesh, face)
    _, vectors = facet_quadrature(mesh.points, facets)
    if magnitude:
        vectors = np.linalg.norm(vectors, axis=2, keepdims=True)
    shapes = np.array([triangle_shapes(r, s) for r, s in TRIANGLE_POINTS])
    nodes, position = np.unique(facets, return_inverse=True)
    weights = np.zeros((nodes.size, vectors.shape[2]))
    np.add.at(weights, position.reshape(facets.shape), np.einsum("qa,kqc->kac", shapes, vectors))
    return nodes, weights


def inlet_velocity(mesh: LumenMesh, flow: float, profile: str) -> tuple[IntArray, FloatArray]:
    """Velocity at the nodes of the inlet that carries exactly ``flow`` into the lumen.

    Args:
        mesh: The mesh.
        flow: Flow into the lumen [m3/s].
        profile: "parabolic", ``1 - (r / R)^2`` with R the distance of the rim in the same direction
            from the centroid, and so is "womersley" at its mean; or "flat".

    Returns:
        Nodes of the inlet (n,) and velocity (n, 3) [m/s], zero on the rim.
    """
    inlet = OpenSection.of(mesh, "inlet")
    shape = np.ones(inlet.nodes.size) if profile == "flat" else 1.0 - inlet.fraction**2
    velocity = -np.where(inlet.on_rim, 0.0, shape)[:, None] * inlet.normal
    return inlet.nodes, velocity * (-flow / (velocity * inlet.weights).sum())


def womersley_velocity(
    mesh: LumenMesh,
    flows: FloatArray,
    period: float,
    kinematic_viscosity: float,
    places: FloatArray | None = None,
) -> tuple[IntArray, FloatArray]:
    """Velocity at the nodes of the inlet with the profile of Womersley's flow at each time.

    Every harmonic of the flow has its own profile, which on a face that is not round follows the
    fraction of the rim's distance as that of ``inlet_velocity``; each carries its flow exactly.

    Args:
        mesh: The mesh.
        flows: Flow into the lumen at equal time steps of one cycle (m,) [m3/s].
        period: Length of the cycle [s].
        kinematic_viscosity: nu [m2/s].
        places: Parts of the cycle to have it at (k,); None for the time steps.

    Returns:
        Nodes of the inlet (n,) and velocity (m or k, n, 3) [m/s], zero on the rim.
    """
    inlet = OpenSection.of(mesh, "inlet")
    radius = np.sqrt(inlet.area / np.pi)
    harmonics = np.fft.rfft(flows)
    outwards = inlet.weights @ inlet.normal
    speeds = np.empty((len(harmonics), inlet.nodes.size), dtype=np.complex128)
    for order, amplitude in enumerate(harmonics):
        number = radius * np.sqrt(2.0 * np.pi * order / (period * kinematic_viscosity))
        shape = np.where(inlet.on_rim, 0.0, womersley_shape(inlet.fraction, number))
        speeds[order] = -amplitude * shape / (shape @ outwards)
    series = harmonic_series(speeds, len(flows), places)
    return inlet.nodes, series[..., None] * inlet.normal


def harmonic_series(
    harmonics: ComplexArray, n_samples: int, places: FloatArray | None = None
) -> FloatArray:
    """Values of ``np.fft.rfft``'s harmonics (h, ...) of samples at the steps 1 to n of a cycle.

    Args:
        harmonics: The harmonics.
        n_samples: Number n of samples they are of.
        places: Parts of the cycle (k,); None for the samples themselves.

    Returns:
        Values (n or k, ...).
    """
    if places is None:
        return np.asarray(np.fft.irfft(harmonics, n=n_samples, axis=0))
    orders = np.arange(len(harmonics))
    twice = np.where((orders == 0) | (2 * orders == n_samples), 1.0, 2.0) / n_samples
    first = places - 1.0 / n_samples
    modes = np.exp(2j * np.pi * np.outer(first, orders)) * twice
    return np.asarray(np.tensordot(modes, harmonics, axes=1).real)


@dataclass(frozen=True)
class OpenSection:
    """Places on an open face.

    Attributes:
        nodes: Its nodes (n,).
        weights: Their flux weights (n, 3) [m2].
        normal: Mean unit normal outwards (3,).
        area: Its area [m2].
        on_rim: Whether a node also belongs to the wall (n,).
        fraction: Distance from the centroid over that of the rim in the same direction (n,).
    """

    nodes: IntArray
    weights: FloatArray
    normal: FloatArray
    area: float
    on_rim: NDArray[np.bool_]
    fraction: FloatArray

    @classmethod
    def of(cls, mesh: LumenMesh, face: str) -> OpenSection:
        """The places on one face."""
        nodes, weights = flux_weights(mesh, face)
        _, areas = area_weights(mesh, face)
        normal = weights.sum(axis=0)
        normal /= np.linalg.norm(normal)
        on_rim = np.isin(nodes, face_nodes(mesh, "wall"))
        centre = (areas * mesh.points[nodes]).sum(axis=0) / areas.sum()
        fraction = _fraction_of_rim(mesh.points[nodes] - centre, normal, on_rim)
        return cls(nodes, weights, normal, float(areas.sum()), on_rim, fraction)


def _fraction_of_rim(
    offsets: FloatArray, normal: FloatArray, on_rim: NDArray[np.bool_]
) -> FloatArray:
    """Distance from the centre over that of the rim in the same direction (n,)."""
    first = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    first /= np.linalg.norm(first)
    second = np.cross(normal, first)
    angles = np.arctan2(offsets @ second, offsets @ first)
    distances = np.hypot(offsets @ second, offsets @ first)
    rim = np.interp(angles, *_sorted(angles[on_rim], distances[on_rim]), period=2 * np.pi)
    return np.asarray(np.minimum(distances / rim, 1.0))


def _sorted(keys: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    order = np.argsort(keys)
    return keys[order], values[order]
