"""Numbers that tell whether two runs compute the same thing: of a mesh, and of what drives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any
from zlib import crc32

import numpy as np

from corohemo.boundary import Boundaries
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.options import TransientOptions

NANOMETRE = 1e-9
"""Places of nodes that agree to this are the same, whatever machine made the mesh."""
DIGITS = 9
"""Digits of a number that must agree."""
DECISIVE = ("tolerance", "quadrature_degree", "backflow", "wall_statistics")
"""Options that change what a cycle is, beside the time steps; the others say when to end."""


def mesh_fingerprint(mesh: LumenMesh) -> int:
    """One number for nodes, cells and faces."""
    places = np.rint(mesh.points / NANOMETRE).astype(np.int64)
    number = crc32("\n".join(mesh.faces).encode())
    for array in (places, mesh.cells, mesh.facets, mesh.facet_face):
        number = crc32(np.ascontiguousarray(array, dtype=np.int64).tobytes(), number)
    return number


def drive_fingerprint(
    boundaries: Boundaries, faces: tuple[str, ...], options: TransientOptions
) -> int:
    """One number for the conditions at the faces, the blood and the options of a step.

    Notes and names of states do not count, nor how an outlet's condition was named.
    """
    outlets = [face.removeprefix("outlet:") for face in faces if face.startswith("outlet:")]
    parts = [
        boundaries.inlet,
        *(boundaries.outlet(name) for name in outlets),
        boundaries.blood,
        *(getattr(options, name) for name in DECISIVE),
    ]
    return crc32("\n".join(word for part in parts for word in _words(part)).encode())


def _words(value: Any) -> Iterator[str]:
    """What a value says, numbers to so many digits."""
    if is_dataclass(value):
        yield type(value).__name__
        for field in fields(value):
            yield from _words(getattr(value, field.name))
    elif isinstance(value, str | None):
        yield str(value)
    else:
        yield from (f"{number:.{DIGITS}g}" for number in np.ravel(value))
