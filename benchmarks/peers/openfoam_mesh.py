"""Write hexahedra as OpenFOAM's polyMesh: faces in upper-triangular order, then the patches."""

from pathlib import Path

import numpy as np
from tube_grid import Grid, IntArray

SIDES = np.array(
    [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
)
"""Corners of a hexahedron's faces, normals outward."""
KINDS = {
    "points": "vectorField",
    "faces": "faceList",
    "owner": "labelList",
    "neighbour": "labelList",
    "boundary": "polyBoundaryMesh",
}


def header(kind: str, name: str) -> str:
    return f"FoamFile {{ version 2.0; format ascii; class {kind}; object {name}; }}\n"


def write_poly_mesh(grid: Grid, folder: Path) -> None:
    faces, owner, neighbour = ordered_faces(grid)
    start, patches = len(neighbour), []
    for name, quads in grid.faces.items():
        kind = "wall" if name == "wall" else "patch"
        patches.append(f"{name} {{ type {kind}; nFaces {len(quads)}; startFace {start}; }}")
        start += len(quads)
    rows = {
        "points": [f"({x:.9g} {y:.9g} {z:.9g})" for x, y, z in grid.points.tolist()],
        "faces": [f"4({a} {b} {c} {d})" for a, b, c, d in faces.tolist()],
        "owner": [str(cell) for cell in owner.tolist()],
        "neighbour": [str(cell) for cell in neighbour.tolist()],
        "boundary": patches,
    }
    folder.mkdir(parents=True)
    for name, lines in rows.items():
        text = "\n".join([header(KINDS[name], name), str(len(lines)), "(", *lines, ")", ""])
        (folder / name).write_text(text)


def ordered_faces(grid: Grid) -> tuple[IntArray, IntArray, IntArray]:
    """Faces (n, 4), the cell (n,) that they point out of and the one (k,) that the first k enter."""
    of_cells = grid.cells[:, SIDES].reshape(-1, 4)
    patches = np.concatenate(list(grid.faces.values()))
    keys = np.sort(np.concatenate([of_cells, patches]), axis=1)
    _, place, same = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    last = np.zeros(len(place), dtype=np.int64)
    np.maximum.at(last, same[: len(of_cells)], np.arange(len(of_cells)))
    inner = np.flatnonzero(last > place)
    inner = inner[np.lexsort((last[inner] // 6, place[inner] // 6))]
    faces = np.concatenate([of_cells[place[inner]], patches])
    owner = np.concatenate([place[inner], place[same[len(of_cells) :]]]) // 6
    return faces, owner, last[inner] // 6
