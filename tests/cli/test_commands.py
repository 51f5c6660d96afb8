"""The verbs of the command line on good input."""

import json
import re
import subprocess
import sys
import time
import tomllib
from itertools import pairwise

import numpy as np
import pytest

import corohemo as ch
from corohemo.cli import main
from corohemo.cli.launch import without_np


@pytest.fixture
def call(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["corohemo", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return capsys.readouterr().out

    return run


@pytest.fixture
def tree(tmp_path):
    path = tmp_path / "y.swc"
    ch.write_centerline(ch.gallery.y_bifurcation(), path, length_unit="mm")
    return path


def test_help_is_fast_and_names_the_verbs():
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "corohemo", "--help"], capture_output=True, text=True, check=True
    )
    assert time.perf_counter() - begin < 2.0
    for verb in ("run", "check", "mesh", "report", "init", "doctor", "convert"):
        assert verb in done.stdout


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from corohemo.cli.app import app;"
        "heavy = {'numpy', 'numba', 'vtkmodules', 'gmsh', 'dolfinx', 'matplotlib', 'pydantic'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_check_shows_outlets_sources_and_size(tree, call):
    shown = call("check", tree, "--length-unit", "mm", "--set", "mesh.refinement=0.5")
    assert "outlet main" in shown
    assert "unknowns" in shown
    assert "GiB" in shown
    assert "unverified" in shown


def test_check_of_an_edited_case_shows_what_the_edit_wins(tmp_path, call):
    path = tmp_path / "vessel.swc"
    ch.write_centerline(
        ch.gallery.cosine_stenosis(percent_diameter_stenosis=70), path, length_unit="mm"
    )
    options = ("check", path, "--length-unit", "mm", "--set", "mesh.refinement=0.5")
    stent = 'edit.stents=[["stenosis", 15.0, 25, 3.0]]'

    def ffr(shown):
        return float(re.search(r", FFR (0.\d+)", shown)[1])

    before = call(*options)
    assert "70 % diameter stenosis" in before
    for edit, told in (
        (stent, "A stent of 3.00 mm"),
        ('edit.without_lesions=["stenosis-1"]', "opened"),
    ):
        after = call(*options, "--set", edit)
        assert told in after
        assert ffr(after) > ffr(before) + 0.1
        assert (
            "diameter stenosis" not in after.partition("reduced model")[0].partition("branches")[2]
        )


def test_template_is_a_case_file_with_every_section(call):
    table = tomllib.loads(call("init"))
    assert {"case", "lumen", "mesh", "hyperemia", "rest", "blood", "solver", "indices"} <= set(
        table
    )


def test_mesh_is_written_and_read_back(tree, tmp_path, call):
    target = tmp_path / "mesh.vtu"
    call("mesh", tree, "--length-unit", "mm", "-o", target, "--set", "mesh.refinement=0.5")
    from corohemo.io import read_mesh

    faces = read_mesh(target).faces
    assert len(faces) == 4
    assert {"inlet", "wall"} < set(faces)


def test_mesh_goes_through_every_format_by_convert(tree, tmp_path, call):
    from corohemo.io import read_mesh

    names = ["mesh.vtu", "mesh.msh", "mesh.xdmf", "mesh-complete", "back.vtu"]
    paths = [tmp_path / name for name in names]
    call("mesh", tree, "--length-unit", "mm", "-o", paths[0], "--set", "mesh.refinement=0.5")
    for source, target in pairwise(paths):
        call("convert", source, target)
    first, last = read_mesh(paths[0]), read_mesh(paths[-1])
    np.testing.assert_array_equal(last.cells, first.cells)
    np.testing.assert_allclose(last.points, first.points, rtol=1e-13, atol=1e-18)


def test_straight_cells_and_surfaces_are_exported(tree, tmp_path, call):
    options = ("--length-unit", "mm", "--set", "mesh.refinement=0.5")
    call("mesh", tree, *options, "-o", tmp_path / "mesh-complete", "--linear", "--to-unit", "mm")
    assert (tmp_path / "mesh-complete" / "mesh-surfaces" / "wall.vtp").is_file()
    call("mesh", tree, *options, "-o", tmp_path / "lumen.stl")
    assert (tmp_path / "lumen.stl").read_text().startswith("solid inlet mm")


def test_convert_keeps_the_tree(tree, tmp_path, call):
    target = tmp_path / "y.vtp"
    call("convert", tree, target, "--length-unit", "mm")
    assert len(ch.read_centerline(target).branches) == 3


def test_convert_writes_the_reduced_model_of_a_case_for_svzerodsolver(tree, tmp_path, call):
    target = tmp_path / "y.json"
    told = call("convert", tree, target, "--length-unit", "mm")
    assert "y.json: reduced model for svZeroDSolver, hyperemic" in told
    lumen = ch.build_lumen(ch.read_centerline(tree, length_unit="mm"))
    for state, path in ((ch.Hyperemia(), target), (ch.Rest(), tmp_path / "y-resting.json")):
        asked = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, state))
        found = ch.solve_network(ch.read_svzerod(path)).flow_out
        for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
            flow = asked.face_flow_ml_min(f"outlet:{name}")
            assert 60.0 * found[f"branch{index}_seg0"][-1] == pytest.approx(flow, rel=1e-6)


def test_the_rank_option_is_not_handed_on():
    given = ["run", "a.swc", "--np", "4", "-o", "out", "--np=2"]
    assert without_np(given) == ["run", "a.swc", "-o", "out"]


@pytest.mark.fem
def test_doctor_solves_a_tube(monkeypatch, capsys):
    pytest.importorskip("dolfinx_solver")
    monkeypatch.setattr(sys, "argv", ["corohemo", "doctor", "--json"])
    with pytest.raises(SystemExit):
        main()
    findings = {item["name"]: item for item in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["flow solve"]["ok"], findings["flow solve"]["detail"]
    assert "Poiseuille" in findings["flow solve"]["detail"]
