"""Manifests: what is read from them, and that nothing in one brings more than a sentence."""

import csv
import io
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import corohemo as ch
from corohemo.cohort import CohortOptions, read_manifest
from corohemo.cohort.plan import make_plans
from corohemo.cohort.table_files import write_table


def manifest(tmp_path, text):
    path = tmp_path / "m.csv"
    path.write_text(text)
    return path


def test_separators_and_byte_order_marks_do_not_matter(tmp_path):
    for separator in ",;\t":
        table = "case_id,input,age\na,x.swc,61\nb,y.swc,\n".replace(",", separator)
        (tmp_path / "m.csv").write_text(table, encoding="utf-8-sig")
        read = read_manifest(tmp_path / "m.csv")
        assert [case.case_id for case in read.cases] == ["a", "b"]
        assert [case.covariates["age"] for case in read.cases] == ["61", None]


def test_settings_stand_in_known_and_dotted_columns(tmp_path):
    path = manifest(tmp_path, "input,tree,mesh.refinement\na.swc,right,0.8\n")
    assert read_manifest(path).cases[0].overrides == (
        "physiology.tree=right",
        "mesh.refinement=0.8",
    )


def test_rows_of_one_case_are_its_vessels(tmp_path):
    path = manifest(
        tmp_path,
        "case_id,input,vessel,ffr_invasive,wire_position_mm\na,a.swc,LAD,0.78,60\na,a.swc,LCx,0.9,\n",
    )
    (case,) = read_manifest(path).cases
    assert case.vessels == {"LAD": {"ffr_invasive": "0.78"}, "LCx": {"ffr_invasive": "0.9"}}
    assert case.wires == {"LAD": 60.0}


def test_parquet_and_csv_give_the_same_cases(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"case_id": ["a"], "input": ["x.swc"], "mesh.refinement": [0.8]})
    parquet.write_table(table, tmp_path / "m.parquet")
    path = manifest(tmp_path, "case_id,input,mesh.refinement\na,x.swc,0.8\n")
    assert read_manifest(tmp_path / "m.parquet").cases == read_manifest(path).cases


def test_a_column_that_looks_like_a_setting_is_pointed_at(tmp_path):
    read = read_manifest(manifest(tmp_path, "input,myocardial_mas_g\na.swc,120\n"))
    assert "did you mean myocardial_mass_g?" in read.remarks[0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("case_id\na\n", "no column input"),
        ("input,centerline\na,b\n", "both input and centerline"),
        ("input,input\na,b\n", "repeats 'input'"),
        ("input\n", "no cases"),
        ("input\na.swc,extra\n", "2 cells for 1 columns"),
        ("case_id,input\na,\n", "is empty"),
        ("case_id,input\n../a,x.swc\n", "starts with a dot"),
        ("case_id,input\nb/../a,x.swc\n", "folder's name"),
        ("case_id,input\na,x.swc\nA,y.swc\n", "in case only"),
        ("case_id,input\na,x.swc\na,x.swc\n", "stands in row 2 already"),
        ("case_id,input,vessel\na,x.swc,LAD\na,y.swc,LCx\n", "a case has one value"),
        ("case_id,input,vessel\na,x.swc,LAD\na,x.swc,LAD\n", "two rows for the same vessel"),
        ("input,vessel,wire_position_mm\na,LAD,-2\n", "positive length"),
    ],
)
def test_what_cannot_be_a_manifest_is_refused_with_file_and_row(tmp_path, text, sentence):
    with pytest.raises(ch.InputError, match=r"m\.csv") as stop:
        read_manifest(manifest(tmp_path, text))
    assert sentence in str(stop.value)


def test_messages_count_lines_of_the_file_blank_ones_and_those_in_quotes_too(tmp_path):
    head = '\ncase_id,input,note\n\na,x.swc,"one\ntwo"\n,,\n'
    with pytest.raises(ch.InputError, match=r"Row 7: .* stands in row 4 already"):
        read_manifest(manifest(tmp_path, head + "a,x.swc,\n"))
    with pytest.raises(ch.InputError, match="Row 8 has 4 cells for 3 columns"):
        read_manifest(manifest(tmp_path, head + "\nb,y.swc,,extra\n"))
    read = read_manifest(manifest(tmp_path, head.replace("\n", "\r\n") + "b,y.swc,\n"))
    assert [case.row for case in read.cases] == [4, 7]


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["a.swc", "case.toml", "mm", "inch", "-1", "nan", "1e999", "..", "/etc/passwd"]
    ),
)
COLUMN = st.one_of(
    st.sampled_from(["case_id", "input", "centerline", "length_unit", "vessel", "solver"]),
    st.sampled_from(["wire_position_mm", "mesh.refinement", "blood.density_kg_m3", "x.y", "."]),
    st.text(max_size=8),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(header=st.lists(COLUMN, max_size=6), cells=st.lists(st.lists(CELL, max_size=7), max_size=5))
def test_any_table_is_planned_or_refused_with_its_name(header, cells):
    text = io.StringIO()
    csv.writer(text).writerows([header, *cells])
    assert_planned_or_refused(text.getvalue().encode("utf-8", "surrogatepass"))


@settings(max_examples=100)
@given(content=st.binary(max_size=200), suffix=st.sampled_from([".csv", ".parquet"]))
def test_any_bytes_are_planned_or_refused_with_their_name(content, suffix):
    assert_planned_or_refused(content, suffix)


def assert_planned_or_refused(content, suffix=".csv"):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "a.swc").write_text("1 2 0 0 0 1 -1\n2 2 0 0 5 1 1\n")
        (root / "case.toml").write_text('[case]\ncenterline = "a.swc"\nlength_unit = "mm"\n')
        path = root / f"manifest{suffix}"
        path.write_bytes(content)
        problem = ""
        try:
            plans = make_plans(read_manifest(path), root / "out", CohortOptions())
        except ch.CorohemoError as error:
            problem, plans = str(error), []
        assert plans or path.name in problem
        for plan in plans:
            assert plan.action in ("compute", "refuse")
            assert len(plan.reason) > 10


def test_without_pyarrow_tables_are_csv_and_parquet_names_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write_table(tmp_path / "t.csv", ["a"], [{"a": 1}])
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    (tmp_path / "m.parquet").write_bytes(b"PAR1")
    with pytest.raises(ch.MissingDependencyError, match=r"corohemo\[cohort\]"):
        read_manifest(tmp_path / "m.parquet")
