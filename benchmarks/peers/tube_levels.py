"""What ``tube.py`` runs: each program's meshes of the stenosis tube, from coarse to fine."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Series:
    """A program on meshes of one kind; ``own_python`` if it needs the peers' interpreter."""

    name: str
    script: str
    levels: tuple[dict[str, Any], ...]
    own_python: bool = True


def swept(core: int, rings: int, along: int, **settings: Any) -> dict[str, Any]:
    """A level of ``tube_grid``: cells along a side of the core, to the wall and along the axis."""
    size = {"core": core, "rings": rings, "along": along}
    return {"name": f"{core} + {rings} x {along}", "size": size} | settings


FOAM = {
    "convection": "linear",
    "gradient": "Gauss linear",
    "velocity_factor": 0.9,
    "most_steps": 1500,
}
SNAPPY = FOAM | {
    "convection": "linearUpwind grad(U)",
    "gradient": "cellLimited leastSquares 1",
    "velocity_factor": 0.8,
}
SWEPT = ((2, 3, 32), (3, 4, 45), (4, 5, 64), (6, 7, 90), (8, 10, 128))
SERIES = (
    Series(
        "corohemo",
        "with_corohemo.py",
        tuple({"name": f"refinement {r:g}", "refinement": r} for r in (0.5, 0.7, 1.0, 1.4)),
        own_python=False,
    ),
    Series(
        "OpenFOAM, swept",
        "with_openfoam.py",
        tuple(swept(*size, **FOAM) for size in SWEPT),
        own_python=False,
    ),
    Series(
        "OpenFOAM, swept, U 0.7",
        "with_openfoam.py",
        tuple(swept(*size, **FOAM | {"velocity_factor": 0.7}) for size in SWEPT[1:]),
        own_python=False,
    ),
    Series(
        "OpenFOAM, snappyHexMesh",
        "with_openfoam.py",
        tuple(
            {"name": f"cells of {cell:g} r", "cell": cell, "layers": layers} | SNAPPY
            for cell, layers in ((0.35, 2), (0.25, 3), (0.18, 4))
        ),
        own_python=False,
    ),
    Series(
        "NGSolve, swept, Q2-Q1",
        "with_ngsolve.py",
        (
            swept(2, 1, 16, order=2, geometry_order=2),
            swept(2, 2, 24, order=2, geometry_order=2),
            swept(3, 3, 36, order=2, geometry_order=2),
        ),
    ),
    Series(
        "NGSolve, swept, Q3-Q2",
        "with_ngsolve.py",
        (
            swept(1, 1, 14, order=3, geometry_order=3),
            swept(1, 1, 20, order=3, geometry_order=3),
            swept(2, 2, 20, order=3, geometry_order=3),
        ),
    ),
    Series(
        "NGSolve, tetrahedra, P2-P1",
        "with_ngsolve.py",
        tuple(
            {"name": f"edges of {edge:g} r", "edge": edge, "order": 2, "geometry_order": 2}
            for edge in (0.5, 0.35, 0.25)
        ),
    ),
    Series(
        "Kratos, swept",
        "with_kratos.py",
        tuple(swept(*size, tetrahedra=False) for size in SWEPT[:-1]),
    ),
    Series(
        "Kratos, swept tetrahedra",
        "with_kratos.py",
        tuple(swept(*size, tetrahedra=True) for size in SWEPT[:-1]),
    ),
)
