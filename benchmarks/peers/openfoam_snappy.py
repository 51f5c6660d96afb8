"""The stenosis tube by blockMesh and snappyHexMesh: a mesh that any lumen's surface could get.

The background cells are cubes, halved from one radius before the lesion to its wake; layers grow
from the wall. Lengths are those of the case.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from openfoam_mesh import header
from tube_case import Case

SECTORS, STATIONS = 96, 400
"""Of the surface that is handed to snappyHexMesh."""
BLOCK = """
scale 1;
vertices
(
    (0 -{half} -{half}) ({length} -{half} -{half}) ({length} {half} -{half}) (0 {half} -{half})
    (0 -{half} {half}) ({length} -{half} {half}) ({length} {half} {half}) (0 {half} {half})
);
blocks (hex (0 1 2 3 4 5 6 7) ({along} {across} {across}) simpleGrading (1 1 1));
edges ();
boundary
(
    inlet {{ type patch; faces ((0 4 7 3)); }}
    outlet {{ type patch; faces ((1 2 6 5)); }}
    sides {{ type patch; faces ((0 1 5 4) (3 7 6 2) (0 3 2 1) (4 5 6 7)); }}
);
mergePatchPairs ();
"""
SNAPPY = """
castellatedMesh true;
snap true;
addLayers true;
geometry
{{
    wall.stl {{ type triSurfaceMesh; name wall; }}
    lesion {{ type searchableBox; min ({first} -{half} -{half}); max ({last} {half} {half}); }}
}}
castellatedMeshControls
{{
    maxLocalCells 2000000; maxGlobalCells 2000000; minRefinementCells 0; nCellsBetweenLevels 2;
    features ();
    refinementSurfaces {{ wall {{ level (0 0); patchInfo {{ type wall; }} }} }}
    resolveFeatureAngle 30;
    refinementRegions {{ lesion {{ mode inside; levels ((1 1)); }} }}
    locationInMesh ({inside} 0.0123 0.0071);
    allowFreeStandingZoneFaces true;
}}
snapControls
{{
    nSmoothPatch 3; tolerance 2; nSolveIter 30; nRelaxIter 5; nFeatureSnapIter 0;
    implicitFeatureSnap false; explicitFeatureSnap false; multiRegionFeatureSnap false;
}}
addLayersControls
{{
    relativeSizes true; layers {{ wall {{ nSurfaceLayers {layers}; }} }} expansionRatio 1.2;
    finalLayerThickness 0.4; minThickness 0.05; nGrow 0; featureAngle 130; slipFeatureAngle 30;
    nRelaxIter 5; nSmoothSurfaceNormals 1; nSmoothNormals 3; nSmoothThickness 10;
    maxFaceThicknessRatio 0.5; maxThicknessToMedialRatio 0.6; minMedialAxisAngle 90;
    nBufferCellsNoExtrude 0; nLayerIter 50;
}}
meshQualityControls
{{
    maxNonOrtho 65; maxBoundarySkewness 20; maxInternalSkewness 4; maxConcave 80; minVol 1e-13;
    minTetQuality 1e-15; minArea -1; minTwist 0.02; minDeterminant 0.001; minFaceWeight 0.05;
    minVolRatio 0.01; minTriangleTwist -1; nSmoothScale 4; errorReduction 0.75;
    relaxed {{ maxNonOrtho 75; }}
}}
mergeTolerance 1e-6;
debug 0;
writeFlags ();
"""


def snappy_mesh(
    folder: Path, case: Case, level: dict[str, Any], call: Callable[[Path, str], str]
) -> None:
    """Write the two meshers' cases into ``folder`` and run them."""
    cell = level["cell"] * case.radius
    half = cell * np.ceil(1.1 * case.radius / cell)
    block = BLOCK.format(
        half=half,
        length=case.length,
        along=round(case.length / cell),
        across=round(2.0 * half / cell),
    )
    snappy = SNAPPY.format(
        half=half,
        first=case.lesion_center - 0.5 * case.lesion_length - case.radius,
        last=case.lesion_center + case.lesion_length,
        inside=0.501 * case.length,
        layers=level["layers"],
    )
    for name, text in (("blockMeshDict", block), ("snappyHexMeshDict", snappy)):
        (folder / "system" / name).write_text(header("dictionary", name) + text)
    (folder / "constant" / "triSurface").mkdir(parents=True)
    write_wall(folder / "constant" / "triSurface" / "wall.stl", case)
    call(folder, "blockMesh")
    call(folder, "snappyHexMesh")


def write_wall(path: Path, case: Case) -> None:
    """The wall as STL, a little longer than the tube."""
    x = np.linspace(-0.02 * case.length, 1.02 * case.length, STATIONS + 1)
    turn = 2.0 * np.pi * np.arange(SECTORS) / SECTORS
    radii = case.lumen_radius(x)[:, None]
    along = np.broadcast_to(x[:, None], (len(x), SECTORS))
    points = np.stack([along, radii * np.cos(turn), radii * np.sin(turn)], axis=2)
    first, last = points[:-1], points[1:]
    turned, last_turned = np.roll(first, -1, axis=1), np.roll(last, -1, axis=1)
    halves = (first, turned, last), (turned, last_turned, last)
    triangles = np.concatenate([np.stack(half, axis=2) for half in halves]).reshape(-1, 3, 3)
    facets = [
        "facet normal 0 0 0\nouter loop\n"
        + "".join(f"vertex {a:.8g} {b:.8g} {c:.8g}\n" for a, b, c in corners)
        + "endloop\nendfacet\n"
        for corners in triangles.tolist()
    ]
    path.write_text("solid wall\n" + "".join(facets) + "endsolid wall\n")
