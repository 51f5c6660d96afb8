"""Rows of one case from its ``result.json``."""

import csv
import json

import pytest

import corohemo as ch
from corohemo.cohort.collect import CohortResult, write_tables
from corohemo.cohort.manifest import CohortCase, Manifest
from corohemo.cohort.rows import case_rows
from corohemo.config import read_case
from corohemo.report.dashboard import write_dashboard
from corohemo.report.tables import write_lesions

RESTING = {"vessels": 0.91, "lesions": 0.93}


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """Folder of a stenosis, by the reduced model."""
    root = tmp_path_factory.mktemp("solved")
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=55.0, length_mm=45.0)
    ch.write_centerline(tree, root / "tube.swc", length_unit="mm")
    settings = ("solver.model=reduced", "report.page=false")
    ch.run_case(read_case(root / "tube.swc", length_unit="mm", overrides=settings), root / "out")
    return root / "out"


def pulsating(document):
    """The same result with readings over the cycle in both states."""
    states = {"hyperemic": document["states"]["hyperemic"]}
    states["resting"] = document["states"].get("resting", states["hyperemic"])
    pulses = {"hyperemic": dict.fromkeys(("vessels", "lesions")), "resting": RESTING}
    return document | {
        "states": {
            name: state
            | {
                "pulse": {
                    kind: [
                        {"name": entry["name"], "ifr": ifr, "rfr": ifr and ifr - 0.01}
                        for entry in document[kind]
                    ]
                    for kind, ifr in pulses[name].items()
                }
            }
            for name, state in states.items()
        }
    }


def tables(document, folder):
    """Rows of the tables of a cohort of that one case, and its dashboard."""
    case = CohortCase("a", folder / "tube.swc")
    directory = folder / "cases" / "a"
    directory.mkdir(parents=True)
    (directory / "result.json").write_text(json.dumps(document))
    own, vessels, lesions = case_rows(case, directory, "converged", "")
    result = CohortResult(folder, (own,), tuple(vessels), tuple(lesions), {})
    write_tables(result, Manifest(folder / "m.csv", (case,), ()))
    return vessels, lesions, write_dashboard(folder).read_text()


def test_a_pulsatile_rest_gives_ifr_and_rfr_of_wires_and_lesions(solved, tmp_path):
    document = pulsating(json.loads((solved / "result.json").read_text()))
    vessels, lesions, page = tables(document, tmp_path)
    assert [(row["ifr"], row["rfr"]) for row in vessels] == [(0.91, pytest.approx(0.90))]
    assert lesions
    for row in lesions:
        assert (row["ifr"], row["rfr"]) == (0.93, pytest.approx(0.92))
    assert ">iFR<" in page
    write_lesions(tmp_path / "own.csv", document)
    with (tmp_path / "own.csv").open() as stream:
        assert {float(row["ifr"]) for row in csv.DictReader(stream)} == {0.93}


def test_without_pulsatile_flow_ifr_and_rfr_are_null_and_not_on_the_dashboard(solved, tmp_path):
    document = json.loads((solved / "result.json").read_text())
    vessels, lesions, page = tables(document, tmp_path)
    assert {(row["ifr"], row["rfr"]) for row in (*vessels, *lesions)} == {(None, None)}
    assert "iFR" not in page
    assert "RFR" not in page


def test_in_hyperemia_alone_ifr_is_null(solved, tmp_path):
    document = pulsating(json.loads((solved / "result.json").read_text()))
    del document["states"]["resting"]
    vessels, lesions, _ = tables(document, tmp_path)
    assert {row["ifr"] for row in (*vessels, *lesions)} == {None}
