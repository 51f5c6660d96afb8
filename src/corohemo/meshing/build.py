"""Vertices and cells of a mesh as they accumulate."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass
class MeshBuild:
    """Chunks of vertices, numbered one after the other, and of cells.

    Attributes:
        points: Positions, by chunk (k, 3) [m].
        branch: Branch of each vertex, by chunk (k,).
        abscissa: Path length from the ostium, by chunk (k,) [m].
        cells: Tetrahedra, global vertex numbers, by chunk (m, 4).
        n: Number of vertices so far.
    """

    points: list[FloatArray] = field(default_factory=list)
    branch: list[IntArray] = field(default_factory=list)
    abscissa: list[FloatArray] = field(default_factory=list)
    cells: list[IntArray] = field(default_factory=list)
    n: int = 0
    _starts: list[int] = field(default_factory=list)

    def add(self, points: FloatArray, branch: IntArray, abscissa: FloatArray) -> int:
        """Append a chunk of vertices; the number of its first one."""
        first = self.n
        self._starts.append(first)
        self.points.append(points)
        self.branch.append(branch)
        self.abscissa.append(abscissa)
        self.n += len(points)
        return first

    def chunk(self, vertices: IntArray) -> FloatArray:
        """Positions of vertices of one chunk (k, 3)."""
        index = int(np.searchsorted(self._starts, vertices[0], side="right")) - 1
        return self.points[index][vertices - self._starts[index]]

    def vertices(self) -> FloatArray:
        """Positions of all vertices (n, 3)."""
        return np.concatenate(self.points)
