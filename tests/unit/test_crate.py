"""Folders as research objects, and what they cite."""

import json
import sys

import pytest

import corohemo as ch
from corohemo.cite_study import cite_folder
from corohemo.cli import main
from corohemo.config import read_case
from corohemo.crate import METADATA, write_crate
from corohemo.provenance import file_digest

LICENSE = "https://creativecommons.org/licenses/by/4.0/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("crate")
    ch.write_centerline(ch.gallery.cosine_stenosis(), root / "jane-doe.swc", length_unit="mm")
    overrides = ("solver.model=reduced", "report.page=false", "case.id=anonymous")
    config = read_case(root / "jane-doe.swc", length_unit="mm", overrides=overrides)
    ch.run_case(config, root / "case")
    return root / "case"


@pytest.fixture(scope="module")
def graph(folder):
    path = write_crate(folder, license_url=LICENSE)
    assert path.name == METADATA
    return {entity["@id"]: entity for entity in json.loads(path.read_text())["@graph"]}


def test_root_has_what_the_specification_asks_for(graph):
    assert graph[METADATA]["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.1"
    assert graph[METADATA]["about"]["@id"] == "./"
    root = graph["./"]
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished", "license"} <= set(root)


def test_every_file_is_described_with_its_digest(graph, folder):
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    described = {part["@id"] for part in graph["./"]["hasPart"]}
    assert described == {name for name in there if name != METADATA and not name.startswith(".")}
    for name in described:
        assert graph[name]["sha256"] == file_digest(folder / name)


def test_every_reference_has_its_entity(graph):
    def references(value):
        if isinstance(value, dict):
            if set(value) == {"@id"}:
                yield value["@id"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    wanted = {name for entity in graph.values() for name in references(entity)}
    assert wanted - set(graph) == {"https://w3id.org/ro/crate/1.1"}


def test_software_and_inputs_of_the_run_are_named(graph):
    run = graph["#run"]
    assert {"@id": "#software-corohemo"} in run["instrument"]
    (source,) = run["object"]
    assert len(graph[source["@id"]]["sha256"]) == 64
    assert "jane-doe" not in json.dumps(graph)


def test_cite_prints_methods_and_references(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["corohemo", "cite", str(folder)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert "reduced model of the vessel tree" in shown
    assert "@misc{norgaard2019" in shown


def test_comparisons_cite_their_statistics(tmp_path):
    from corohemo.agreement import (
        QUANTITIES,
        CompareOptions,
        compare,
        make_pairs,
        read_vessels,
        write_comparison,
    )

    rows = [f"p{i},LAD,{0.7 + i / 50},{0.71 + i / 55}" for i in range(12)]
    (tmp_path / "t.csv").write_text("case_id,vessel,ffr_ct,ffr_invasive\n" + "\n".join(rows))
    pairs = make_pairs(read_vessels(tmp_path / "t.csv"), QUANTITIES["FFR"])
    document = compare(pairs, CompareOptions(draws=20))
    write_comparison({"FFR": (pairs, document)}, tmp_path / "out")
    text = cite_folder(tmp_path / "out")
    assert "12 vessels of 12 patients" in text
    assert "20 bootstrap samples of patients" in text
    assert "@misc{delong1988" in text


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(ch.InputError, match=r"no result\.json, cohort\.json or compare\.json"):
        write_crate(tmp_path, license_url=LICENSE)
