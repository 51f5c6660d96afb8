"""Functionals on the faces of a lumen mesh: flux, area mean, inlet profile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
            from the centroid, or "flat".

    Returns:
        Nodes of the inlet (n,) and velocity (n, 3) [m/s], zero on the rim.
    """
    nodes, weights = flux_weights(mesh, "inlet")
    _, areas = area_weights(mesh, "inlet")
    normal = weights.sum(axis=0)
    normal /= np.linalg.norm(normal)
    on_rim = np.isin(nodes, face_nodes(mesh, "wall"))
    centre = (areas * mesh.points[nodes]).sum(axis=0) / areas.sum()
    shape = np.where(on_rim, 0.0, 1.0)
    if profile == "parabolic":
        shape *= 1.0 - _fraction_of_rim(mesh.points[nodes] - centre, normal, on_rim) ** 2
    velocity = -shape[:, None] * normal
    return nodes, velocity * (-flow / (velocity * weights).sum())


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
