"""Bad input ends with exit code 2 and a sentence, whatever it is."""

import os
import subprocess
import sys

import pytest

import corohemo as ch
from corohemo.cli import main


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    path = tmp_path_factory.mktemp("trees") / "y.swc"
    ch.write_centerline(ch.gallery.y_bifurcation(), path, length_unit="mm")
    return path


def refused(monkeypatch, capsys, *arguments):
    """Standard error of a call that must leave with 2."""
    monkeypatch.setattr(sys, "argv", ["corohemo", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    shown = capsys.readouterr()
    assert stop.value.code == 2, shown.err
    assert "Traceback" not in shown.err
    assert len(shown.err.strip()) > 20
    return " ".join(shown.err.split())


CASES = {
    "unknown key": ("[mesh]\nsector = 12", "did you mean sectors?"),
    "unknown section": ("[meshes]\nsectors = 12", "did you mean mesh?"),
    "unknown key far from all": ("[blood]\nxyzzy = 1", "known are density_kg_m3"),
    "negative density": ("[blood]\ndensity_kg_m3 = -1.0", "density_kg_m3 must be positive"),
    "zero viscosity": ("[blood]\ndynamic_viscosity_pa_s = 0", "dynamic_viscosity_pa_s"),
    "nan": ("[blood]\ndensity_kg_m3 = nan", "density_kg_m3"),
    "infinity": ("[hyperemia]\nmean_aortic_pressure_mmhg = inf", "mean_aortic_pressure_mmhg"),
    "text for a number": ('[blood]\ndensity_kg_m3 = "thick"', "a valid number, not 'thick'"),
    "true for a number": ("[mesh]\nrefinement = true", "refinement must be a valid number"),
    "fraction for a count": ("[mesh]\nsectors = 12.5", "sectors must be a valid integer"),
    "number for a switch": ("[case]\nresting_state = 1", "resting_state must be a valid boolean"),
    "wrong unit": ('[case]\nlength_unit = "inch"', "length_unit must be 'm', 'cm', 'mm' or 'um'"),
    "value for a section": ("mesh = 3", "mesh must be a section"),
    "too few sectors": ("[mesh]\nsectors = 2", "between 8 and 96"),
    "rings that fall": ("[mesh]\nrings = [0.8, 0.4, 1.0]", "rings must hold"),
    "negative mass": (
        "[physiology]\nmyocardial_mass_g = -100",
        "myocardial_mass_g must be positive",
    ),
    "index above one": ("[hyperemia]\ntotal_coronary_resistance_index = 3", "cannot exceed 1"),
    "venous above aortic": ("[physiology]\nvenous_pressure_mmhg = 200", "must be below"),
    "unknown tree": ('[physiology]\ntree = "middle"', "must be one of left, right, whole"),
    "share above one": ("[physiology]\ntree_share = 1.5", "cannot exceed 1"),
    "degree too low": ("[solver]\nquadrature_degree = 1", "must lie between 3 and 6"),
    "reading too far": ("[indices]\ndistal_reading_mm = 50", "between 10 and 20"),
    "picture too small": ("[report]\npicture_width_px = 3", "between 200 and 6000"),
    "slash in the name": ('[case]\nid = "a/b"', "without slashes"),
    "not TOML": ("[mesh\nsectors = 12", "not valid TOML"),
    "key given twice": ("[mesh]\nsectors = 12\nsectors = 14", "not valid TOML"),
}


@pytest.mark.parametrize(("text", "sentence"), CASES.values(), ids=CASES)
def test_bad_settings_are_named(text, sentence, tree, tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    case = "" if "[case]" in text else f'[case]\ncenterline = "{tree}"\nlength_unit = "mm"\n'
    path.write_text(f"{text}\n{case}" if "=" in text.split("\n")[0] else f"{case}{text}\n")
    error = refused(monkeypatch, capsys, "check", path)
    assert sentence in error
    assert str(path) in error


def test_all_bad_settings_are_told_at_once(tree, tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    path.write_text(f'[case]\ncenterline = "{tree}"\n[mesh]\nsector = 1\n[blood]\ndensity = 2\n')
    error = refused(monkeypatch, capsys, "check", path)
    assert "sectors" in error
    assert "density_kg_m3" in error


def test_missing_centerline_key_is_named(tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    path.write_text("[mesh]\nsectors = 12\n")
    assert "centerline is missing" in refused(monkeypatch, capsys, "check", path)


FILES = {
    "missing.swc": None,
    "missing.toml": None,
    "empty.swc": b"",
    "garbage.vtp": b"\x00\x01not xml",
    "truncated.vtp": b'<?xml version="1.0"?><VTKFile type="PolyData">',
    "cycle.swc": b"1 2 0 0 0 1.5 2\n2 2 0 0 5 1.5 1\n",
    "negative.swc": b"1 2 0 0 0 1.5 -1\n2 2 0 0 5 -1.5 1\n3 2 0 0 9 1.5 2\n",
    "point.swc": b"1 2 0 0 0 1.5 -1\n",
    "nan.swc": b"1 2 0 0 0 1.5 -1\n2 2 0 nan 5 1.5 1\n3 2 0 0 9 1.5 2\n",
    "binary.toml": b"\xff\xfe\x00",
    "tree.docx": b"PK",
}


@pytest.mark.parametrize(("name", "content"), FILES.items(), ids=FILES)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_bad_files_are_named(verb, name, content, tmp_path, monkeypatch, capsys):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    more = ["-o", tmp_path / "out", "-q"] if verb == "run" else []
    unit = [] if name.endswith(".toml") else ["--length-unit", "mm"]
    assert name in refused(monkeypatch, capsys, verb, path, *unit, *more)


def test_missing_unit_is_asked_for(tmp_path, monkeypatch, capsys):
    path = tmp_path / "bare.swc"
    path.write_text("1 2 0 0 0 1.5 -1\n2 2 0 0 9 1.5 1\n3 2 0 0 20 1.4 2\n")
    assert "unit" in refused(monkeypatch, capsys, "check", path)


def test_wrong_unit_is_questioned(tree, monkeypatch, capsys):
    assert "mm" in refused(monkeypatch, capsys, "check", tree, "--length-unit", "m")


@pytest.mark.parametrize("override", ["refinement=2", "mesh.refinement", "=3", "mesh.=1"])
def test_malformed_override_is_explained(override, tree, monkeypatch, capsys):
    error = refused(monkeypatch, capsys, "check", tree, "--length-unit", "mm", "--set", override)
    assert "section.key=value" in error


def test_folder_instead_of_file_is_refused(tmp_path, monkeypatch, capsys):
    refused(monkeypatch, capsys, "check", tmp_path, "--length-unit", "mm")


def test_output_that_is_a_file_is_refused(tree, tmp_path, monkeypatch, capsys):
    taken = tmp_path / "out"
    taken.write_text("")
    error = refused(monkeypatch, capsys, "run", tree, "--length-unit", "mm", "-o", taken, "-q")
    assert "cannot be written" in error


def test_report_of_an_empty_folder_is_refused(tmp_path, monkeypatch, capsys):
    assert "result.json" in refused(monkeypatch, capsys, "report", tmp_path)


def test_mesh_into_an_unknown_format_is_refused(tree, tmp_path, monkeypatch, capsys):
    target = tmp_path / "mesh.xyz"
    coarse = ("--set", "mesh.refinement=0.5")
    arguments = ("mesh", tree, "--length-unit", "mm", "-o", target, "-q", *coarse)
    assert ".vtu" in refused(monkeypatch, capsys, *arguments)


def test_converting_to_an_unknown_format_is_refused(tree, tmp_path, monkeypatch, capsys):
    arguments = ("convert", tree, tmp_path / "tree.obj", "--length-unit", "mm")
    assert ".obj" in refused(monkeypatch, capsys, *arguments)


def test_template_does_not_replace_a_file(tree, monkeypatch, capsys):
    assert "exists" in refused(monkeypatch, capsys, "init", tree)


@pytest.mark.parametrize(
    "arguments", [["run"], ["walk"], ["run", "x.swc", "--np", "0"], ["check", "x.swc", "--fast"]]
)
def test_wrong_usage_exits_with_two(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "corohemo", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_brackets_in_names_and_units_are_shown_as_they_are(tree, tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    path.write_text(
        f'[case]\ncenterline = "{tree}"\nid = "[red] [b]"\n[solver]\nmodel = "reduced"\n'
    )
    monkeypatch.setattr("sys.argv", ["corohemo", "check", str(path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (0, None)
    shown = capsys.readouterr().out
    assert "Case [red] [b]" in shown
    assert "[radii]" in shown


def test_nested_values_and_endless_numbers_are_no_toml(tree, tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    for value in ("[" * 20_000, "9" * 5000):
        path.write_text(f"[mesh]\nsectors = {value}\n")
        assert "not valid TOML" in refused(monkeypatch, capsys, "check", path)


@pytest.mark.parametrize("name", ["~nobody-of-this-name/tree.swc", "tree\\u0000.swc", "a" * 5000])
@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_name_that_no_file_can_have_is_refused(verb, name, tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    path.write_text(f'[case]\ncenterline = "{name}"\nlength_unit = "mm"\n')
    more = ["-o", tmp_path / "out", "-q"] if verb == "run" else []
    assert str(path) in refused(monkeypatch, capsys, verb, path, *more)


def test_a_long_value_is_quoted_in_part(tree, tmp_path, monkeypatch, capsys):
    path = tmp_path / "case.toml"
    path.write_text(f'[mesh]\nsectors = "{"a" * 9000}"\n')
    assert len(refused(monkeypatch, capsys, "check", path)) < 500


def test_a_pipe_is_no_case_file(tmp_path, monkeypatch, capsys):
    os.mkfifo(tmp_path / "case.toml")
    assert "pipe" in refused(monkeypatch, capsys, "check", tmp_path / "case.toml")
