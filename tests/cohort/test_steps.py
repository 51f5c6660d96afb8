"""Mesh and flow of a case are kept: what does not change them does not compute them again."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.case_steps import FOLDER, Steps
from corohemo.config import read_case

pytestmark = pytest.mark.fem
SETTINGS = (
    "mesh.refinement=0.5",
    "case.resting_state=false",
    "report.page=false",
    "report.flow_field=false",
    "physiology.tree_share=0.2",
    "uncertainty.samples=0",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    pytest.importorskip("dolfinx_solver")
    path = tmp_path_factory.mktemp("tree") / "tube.swc"
    shape = ch.gallery.cosine_stenosis(percent_diameter_stenosis=40.0, length_mm=50.0)
    ch.write_centerline(shape, path, length_unit="mm")
    return path


@pytest.fixture(scope="module")
def folder(tree, tmp_path_factory):
    directory = tmp_path_factory.mktemp("case")
    run(tree, directory)
    return directory


def run(tree, directory, *overrides, reuse=True):
    config = read_case(tree, length_unit="mm", overrides=(*SETTINGS, *overrides))
    steps = Steps.of(config, directory, reuse=reuse)
    return ch.run_case(config, directory, steps=steps)


def log(directory):
    return (directory / "log.txt").read_text()


def test_a_changed_index_setting_solves_nothing_again(tree, folder):
    first = run(tree, folder)
    again = run(tree, folder, "indices.distal_reading_mm=12.0")
    told = log(folder)
    assert "mesh: kept" in told
    assert "flow: kept" in told
    for one, other in zip(
        first.document["states"]["hyperemic"]["outlets"],
        again.document["states"]["hyperemic"]["outlets"],
        strict=True,
    ):
        assert one == other
    place = again.document["lesions"][0]["ffr_ct_position_mm"]
    assert place == pytest.approx(first.document["lesions"][0]["ffr_ct_position_mm"] - 3.0)


def test_kept_flow_is_the_computed_one_to_the_bit(tree, folder):
    kept = np.load(folder / FOLDER / "flow.npz", allow_pickle=False)
    solution = run(tree, folder).indices.states["hyperemic"]
    np.testing.assert_array_equal(kept["hyperemic.velocity"], solution.velocity)
    assert solution.is_converged
    assert solution.stats.residual_history


def test_other_blood_keeps_the_mesh_and_solves_again(tree, folder):
    run(tree, folder, "blood.dynamic_viscosity_pa_s=0.004")
    told = log(folder)
    assert "mesh: kept" in told
    assert "flow: again, blood.dynamic_viscosity_pa_s changed from 0.0035 to 0.004" in told


def test_a_torn_step_is_computed_again(tree, folder):
    path = folder / FOLDER / "flow.npz"
    path.write_bytes(path.read_bytes()[:1000])
    assert run(tree, folder).status == "converged"
    assert "flow: again, the kept one cannot be read" in log(folder)
