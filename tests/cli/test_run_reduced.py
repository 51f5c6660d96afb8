"""A case solved by the reduced model: the same folder without mesh and wall, without DOLFINx."""

import json
import subprocess
import sys

import numpy as np
import pytest

import corohemo as ch
from corohemo.citation import cite
from corohemo.config import read_case

REDUCED = ("solver.model=reduced", "report.page=false")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    path = tmp_path_factory.mktemp("tree") / "left.swc"
    ch.write_centerline(ch.gallery.left_tree(), path, length_unit="mm")
    return path


def run(tree, folder, *overrides):
    config = read_case(tree, length_unit="mm", overrides=(*REDUCED, *overrides))
    return ch.run_case(config, folder)


@pytest.fixture(scope="module")
def result(tree, tmp_path_factory):
    return run(tree, tmp_path_factory.mktemp("case"), "physiology.myocardial_mass_g=140.0")


def test_flows_balance_and_ffr_is_that_of_the_network(result, tree):
    lumen = ch.build_lumen(ch.read_centerline(tree, length_unit="mm"))
    state = ch.Hyperemia(myocardial_mass_g=140.0)
    network = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, state))
    hyperemic = result.document["states"]["hyperemic"]
    assert hyperemic["mass_balance_relative"] < 1e-10
    for outlet in hyperemic["outlets"]:
        expected = network.face_pressure_mmhg(f"outlet:{outlet['name']}") / 93.0
        assert outlet["ffr_ct"] == pytest.approx(expected, rel=1e-9)


def test_what_needs_a_wall_is_null_with_a_reason(result):
    lesions = result.document["lesions"]
    assert len(lesions) == 3
    for lesion in lesions:
        assert 0.5 < lesion["ffr_ct"] < 1.0
        assert lesion["wss_max_pa"] is None
        assert "wall" in lesion["notes"]["wss_max_pa"]
    assert result.document["mesh"]["cells"] is None
    assert "no mesh" in result.document["notes"]["mesh"]


def test_methods_name_the_reduced_model_and_no_elements(result):
    text = cite(result)
    assert "reduced model" in text
    assert "tetrahedra" not in text
    assert "brunatova2025" not in text


def test_page_is_written_when_asked_for(tree, tmp_path):
    config = read_case(tree, length_unit="mm", overrides=("solver.model=reduced",))
    ch.run_case(config, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "Reduced model" in page
    assert ">None<" not in page
    assert "tetrahedra" not in page


def test_no_dolfinx_is_loaded(tree, tmp_path):
    code = (
        "import sys; from corohemo.config import read_case; import corohemo as ch;"
        f"config = read_case({str(tree)!r}, length_unit='mm', overrides={REDUCED!r});"
        f"ch.run_case(config, {str(tmp_path)!r});"
        "print(sorted({'dolfinx', 'mpi4py', 'petsc4py', 'gmsh'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert json.loads((tmp_path / "result.json").read_text())["status"] == "converged"


@pytest.mark.parametrize(("end", "key"), [("ostium", "upstream"), ("outlet", "downstream")])
def test_a_lesion_that_is_cut_at_its_throat_has_one_gradient(tmp_path, end, key):
    place = np.linspace(0.0, 30.0, 301)
    radii = 1.2 * (1.0 - 0.4 * np.exp(-(((place if end == "ostium" else 30.0 - place) / 4.0) ** 2)))
    points = np.column_stack([place, 0.0 * place, 0.0 * place])
    tree = ch.VesselTree.from_arrays(points, radii, np.arange(301) - 1, length_unit="mm")
    ch.write_centerline(tree, tmp_path / "cut.swc", length_unit="mm")
    (lesion,) = run(tmp_path / "cut.swc", tmp_path / "out").document["lesions"]
    other = {"upstream": "downstream", "downstream": "upstream"}[key]
    assert lesion[f"radius_gradient_{key}"] is None
    assert "throat" in lesion["notes"][f"radius_gradient_{key}"]
    assert lesion[f"radius_gradient_{other}"] > 0.05


def small_case(folder, inlet, outlets, *, report="page = false"):
    ch.write_centerline(ch.gallery.y_bifurcation(), folder / "y.swc", length_unit="mm")
    path = folder / "case.toml"
    path.write_text(
        '[case]\ncenterline = "y.swc"\nlength_unit = "mm"\n[solver]\nmodel = "reduced"\n'
        f'[report]\n{report}\n[boundaries]\ninlet = {{{inlet}}}\noutlets."*" = {{{outlets}}}\n'
    )
    return path


def test_blood_at_rest_has_a_folder_too(tmp_path):
    still = 'model = "pressure", pressure_mmhg = 90.0'
    case = small_case(tmp_path, still, still, report="pictures = false\ninteractive = false")
    state = ch.run_case(case, tmp_path / "out").document["states"]["hyperemic"]
    assert state["inlet"]["flow_ml_min"] == 0.0
    assert state["mass_balance_relative"] == 0.0
    assert [outlet["pressure_ratio"] for outlet in state["outlets"]] == [1.0, 1.0]


@pytest.mark.parametrize("pressure", [0.0, -5.0])
def test_inlet_without_a_pressure_above_atmosphere_has_no_ffr(tmp_path, pressure):
    inlet = f'model = "pressure", pressure_mmhg = {pressure}'
    case = small_case(tmp_path, inlet, 'model = "pressure", pressure_mmhg = -10.0')
    with pytest.raises(ch.InputError, match="FFR needs a positive one"):
        ch.run_case(case, tmp_path / "out")
