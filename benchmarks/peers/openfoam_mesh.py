"""OpenFOAM's polyMesh: hexahedra written with faces in upper-triangular order; patches read."""

import re
from pathlib import Path

import numpy as np
from tube_case import FloatArray
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
    """Faces (n, 4), the cells (n,) they point out of and those (k,) that the first k enter."""
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


def read_patch(folder: Path, name: str) -> tuple[FloatArray, FloatArray]:
    """Centres (n, 3) of a patch's faces and their areas (n,)."""
    entry = re.search(rf"\b{name}\s*{{([^}}]*)}}", (folder / "boundary").read_text())
    if not entry:
        raise SystemExit(f"{folder / 'boundary'} has no patch {name!r}.")
    wanted = (rf"{key}\s+(\d+)" for key in ("nFaces", "startFace"))
    count, start = (
        int(found[1]) for found in (re.search(key, entry[1]) for key in wanted) if found
    )
    faces = _rows(folder / "faces")[start : start + count]
    points = _rows(folder / "points")
    found = [polygon(np.array([points[corner] for corner in map(int, face)])) for face in faces]
    return np.array([center for center, _ in found]), np.array([area for _, area in found])


def count_cells(folder: Path) -> int:
    """Cells of the mesh."""
    owners = (folder / "owner").read_text().split("\n(\n", 1)[1].split(")", 1)[0]
    return 1 + max(map(int, owners.split()))


def _rows(path: Path) -> list[list[float]]:
    """Numbers in the innermost brackets of an ASCII list."""
    body = path.read_text().split("\n(\n", 1)[1]
    return [[float(word) for word in row.split()] for row in re.findall(r"\(([^()]*)\)", body)]


def polygon(corners: FloatArray) -> tuple[FloatArray, float]:
    """Centre (3,) and area of a flat polygon (n, 3)."""
    middle = corners.mean(axis=0)
    fan = np.stack([corners - middle, np.roll(corners, -1, axis=0) - middle])
    areas = 0.5 * np.linalg.norm(np.cross(fan[0], fan[1]), axis=1)
    return middle + areas @ fan.mean(axis=0) * 2.0 / 3.0 / areas.sum(), float(areas.sum())
