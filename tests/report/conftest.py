"""Case folders of the reduced model and of exact fields, rendered once."""

import json

import pytest

import corohemo as ch
from corohemo.cohort import CohortOptions, run_cohort
from corohemo.config import read_case
from corohemo.solvers.solution import FlowSolution, SolveStats, SolveStatus
from corohemo.units import MMHG


@pytest.fixture(scope="session")
def reduced_case(tmp_path_factory):
    """The gallery's left tree solved by the reduced model, with its page but without pictures."""
    pytest.importorskip("plotly")
    root = tmp_path_factory.mktemp("reduced")
    ch.write_centerline(ch.gallery.left_tree(), root / "left.swc", length_unit="mm")
    settings = ("solver.model=reduced", "report.pictures=false")
    config = read_case(root / "left.swc", length_unit="mm", overrides=settings)
    ch.run_case(config, root / "out")
    return root / "out"


@pytest.fixture(scope="session")
def reduced_result(reduced_case):
    return json.loads((reduced_case / "result.json").read_text())


@pytest.fixture(scope="session")
def wall_case(tmp_path_factory):
    """A meshed stenosis under a made-up flow whose pressure falls along the vessel."""
    pytest.importorskip("plotly")
    lumen = ch.build_lumen(
        ch.gallery.cosine_stenosis(percent_diameter_stenosis=50.0, length_mm=40.0)
    )
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5))
    folder = tmp_path_factory.mktemp("wall")
    indices = ch.compute_indices(falling_pressure(mesh, lumen), lumen)
    ch.write_report(indices, folder, flow_field=False, picture_width_px=300)
    return folder


@pytest.fixture(scope="session")
def cohort(tmp_path_factory):
    """Three stenoses by the reduced model, and one case whose file is missing."""
    root = tmp_path_factory.mktemp("cohort")
    lines = ["case_id,centerline,length_unit"]
    for percent in (30, 50, 70):
        tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=percent, length_mm=45.0)
        ch.write_centerline(tree, root / f"ds{percent}.swc", length_unit="mm")
        lines.append(f"ds{percent},ds{percent}.swc,mm")
    (root / "manifest.csv").write_text("\n".join([*lines, "lost,lost.swc,mm\n"]))
    run_cohort(root / "manifest.csv", root / "out", CohortOptions(solver="reduced"))
    return root / "out"


def falling_pressure(mesh, lumen):
    """FFR falls evenly from 1 at the ostium to 0.7 at the end; a shear flow, for its wall."""
    share = mesh.node_abscissa / mesh.node_abscissa.max()
    pressure = (1.0 - 0.3 * share) * 93.0 * MMHG
    velocity = 200.0 * mesh.points[:, [1, 2, 0]]
    stats = SolveStats(3, 30, 1e-9, (1e-2, 1e-5, 1e-9), 1e-12, 4 * len(share), 1, 1.0)
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    state = SolveStatus.CONVERGED
    return FlowSolution(mesh, boundaries, velocity, pressure, state, "converged", stats)
