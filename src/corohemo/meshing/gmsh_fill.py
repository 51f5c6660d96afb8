"""Fill a closed triangulated surface with tetrahedra (gmsh), leaving the surface as it is."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError, MissingDependencyError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DELAUNAY, HXT = 1, 10
SYSTEM_LIBRARIES = "libglu1-mesa libxft2 libxcursor1 libxinerama1 libxrender1"
"""Debian packages that gmsh's wheel loads."""


@contextlib.contextmanager
def _session() -> Iterator[Any]:
    try:
        import gmsh
    except OSError as error:
        raise MissingDependencyError(
            "gmsh's system libraries",
            needed_for="meshing a bifurcation",
            how_to_install=f"install {SYSTEM_LIBRARIES} ({error})",
        ) from None
    own = not gmsh.isInitialized()
    if own:
        gmsh.initialize(readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    gmsh.model.add("corohemo-junction")
    try:
        yield gmsh
    finally:
        gmsh.model.remove()
        if own:
            gmsh.finalize()


@contextlib.contextmanager
def _quiet_streams() -> Iterator[None]:
    """Send what C code prints to nowhere: the boundary recovery reports each crossing by printf."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(fd, os.dup(fd)) for fd in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for fd, _ in kept:
            os.dup2(nowhere, fd)
        yield
    finally:
        for fd, copy in kept:
            os.dup2(copy, fd)
            os.close(copy)
        os.close(nowhere)


def fill(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray]:
    """Tetrahedra inside a closed surface; edge lengths grade inwards from the surface's own.

    Args:
        points: Surface vertices (n, 3).
        triangles: Closed, outward triangles (m, 3).

    Returns:
        Added interior points (k, 3) and tetrahedra (t, 4) into points followed by added points.

    Raises:
        MeshingError: If the surface crosses itself or cannot be filled.
    """
    center = points.mean(axis=0)
    scale = float(np.abs(points - center).max())
    for algorithm in (HXT, DELAUNAY):
        with contextlib.suppress(MeshingError):
            added, cells = _attempt((points - center) / scale, triangles, algorithm)
            return added * scale + center, cells
    raise MeshingError(
        "the inside of a junction could not be filled with tetrahedra.", stage="fill"
    )


def _attempt(
    points: FloatArray, triangles: IntArray, algorithm: int
) -> tuple[FloatArray, IntArray]:
    n = len(points)
    with _session() as gmsh:
        gmsh.option.setNumber("Mesh.Algorithm3D", algorithm)
        gmsh.option.setNumber("General.NumThreads", 1)
        gmsh.option.setNumber("Mesh.Optimize", 1)
        gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 1)
        surface = gmsh.model.addDiscreteEntity(2)
        gmsh.model.mesh.addNodes(2, surface, np.arange(1, n + 1), points.ravel())
        gmsh.model.mesh.addElementsByType(surface, 2, [], (triangles + 1).ravel())
        volume = gmsh.model.geo.addVolume([gmsh.model.geo.addSurfaceLoop([surface])])
        gmsh.model.geo.synchronize()
        try:
            with _quiet_streams():
                gmsh.model.mesh.generate(3)
        except Exception as error:
            raise MeshingError(f"gmsh could not fill a junction: {error}", stage="fill") from None
        tags, coordinates, _ = gmsh.model.mesh.getNodes(3, volume)
        _, nodes = gmsh.model.mesh.getElementsByType(4)
    if len(nodes) == 0:
        raise MeshingError("gmsh made no tetrahedra in a junction.", stage="fill")
    number = np.full(int(max(nodes.max(), n, *tags)) + 1, -1, dtype=np.int64)
    number[1 : n + 1] = np.arange(n)
    number[np.asarray(tags, dtype=np.int64)] = n + np.arange(len(tags))
    cells = number[np.asarray(nodes, dtype=np.int64)].reshape(-1, 4)
    used = np.unique(cells[cells >= n])
    if len(used) != len(tags):
        raise MeshingError("gmsh left loose nodes in a junction.", stage="fill")
    added = np.asarray(coordinates).reshape(-1, 3)
    return added, cells
