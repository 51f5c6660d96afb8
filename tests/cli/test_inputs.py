"""Contours, surfaces and polylines go through the verbs like centerlines."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import corohemo as ch
from corohemo.cli.app import app
from corohemo.config import read_case


def invoke(*arguments):
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def contours(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("contours") / "lad.csv"
    angles = 2 * np.pi * np.arange(20) / 20
    lines = ["branch,contour,x_mm,y_mm,z_mm"]
    for k in range(31):
        lines += [f"LAD,{k},{0.5 * k},{1.7 * np.cos(a):.6f},{1.3 * np.sin(a):.6f}" for a in angles]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def surface(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("surface") / "tube.stl"
    ch.write_mesh(ch.mesh_lumen(ch.build_lumen(ch.gallery.tube(length_mm=20))), path)
    return path


def test_contours_are_checked_and_meshed(contours, tmp_path):
    assert "1 branches" in invoke("check", contours)
    invoke("mesh", contours, "-o", tmp_path / "lad.vtu")
    assert ch.read_mesh(tmp_path / "lad.vtu").faces == ("inlet", "outlet:LAD", "wall")


def test_surface_is_checked_meshed_and_converted(surface, tmp_path):
    output = invoke("check", surface, "--length-unit", "mm")
    assert "widest taken as the inlet" in output
    assert "given surface" in output
    invoke("convert", surface, tmp_path / "tube.swc", "--length-unit", "mm")
    assert ch.read_centerline(tmp_path / "tube.swc").length == pytest.approx(20e-3, rel=1e-3)


def test_case_file_names_caps_beside_it(surface, tmp_path):
    case = tmp_path / "case.toml"
    case.write_text(
        f'[case]\ncenterline = "{surface}"\nlength_unit = "mm"\ncaps = ["0.5 0 0", "19.5, 0, 0"]\n'
    )
    config = read_case(case)
    assert config.read_tree().length == pytest.approx(19e-3, rel=5e-3)
    assert "19.5" in config.to_toml()
    case.write_text('[case]\ncenterline = "a.stl"\ncaps = ["in.stl", "out.stl"]\n')
    assert read_case(case).caps == (tmp_path / "in.stl", tmp_path / "out.stl")


def test_polylines_take_their_diameters_from_the_case(tmp_path):
    np.save(tmp_path / "line.npy", np.column_stack([np.linspace(0, 30, 121), *np.zeros((2, 121))]))
    case = tmp_path / "case.toml"
    case.write_text(
        '[case]\ncenterline = "line.npy"\nlength_unit = "mm"\n'
        "ostium_diameter_mm = 3.5\noutlet_diameter_mm = 2.0\n"
    )
    tree = read_case(case).read_tree()
    assert 2e3 * tree.branches[0].radii[[0, -1]] == pytest.approx([3.5, 2.0])
    with pytest.raises(ch.ConfigError, match="belong together"):
        read_case(case, overrides=["case.centerline='x.npy'"]).case.__class__(
            centerline="x.npy", ostium_diameter_mm=3.0
        )
