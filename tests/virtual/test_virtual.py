"""Synthetic patients: known truth, errors of the stated size, and names that say what they are."""

import csv

import numpy as np
import pytest

import corohemo as ch
from corohemo.cohort import read_manifest
from corohemo.indices.results import VesselIndices
from corohemo.virtual import MeasurementNoise, draw_patient, virtual_cohort
from corohemo.virtual.measurements import examine, measure, scan

SILENT = MeasurementNoise(
    lumen_bias_mm=0.0, lumen_station_mm=0.0, cuff_mmhg=0.0, wire=0.0, bolus=0.0, continuous=0.0
)


@pytest.fixture(scope="module")
def cohort():
    return virtual_cohort(6)


def test_a_patient_is_the_same_in_cohorts_of_any_size(cohort):
    again = draw_patient(3)
    same = cohort.members[3].patient
    assert again.state == same.state
    assert again.territory == same.territory
    for one, other in zip(again.tree.branches, same.tree.branches, strict=True):
        np.testing.assert_array_equal(one.radii, other.radii)


def test_known_resistance_is_what_an_exact_catheter_finds():
    """The true resistance at a sensor near an outlet is that of the bed put behind it."""
    patient = draw_patient(4)
    lumen, vessels = examine(patient, SILENT, np.random.default_rng(0))
    beds = patient.boundaries(lumen, patient.state).outlets
    for vessel in vessels:
        assert vessel.measured["ffr"] == vessel.true["ffr"]
        bed = beds[vessel.vessel].resistance_wu
        assert bed <= vessel.true["resistance_wu"] < 1.15 * bed


def test_a_scan_without_error_shows_the_true_lumen():
    patient = draw_patient(2)
    lumen = ch.build_lumen(patient.tree)
    seen = scan(patient, lumen, SILENT, np.random.default_rng(0))
    for one, other in zip(seen.branches, patient.tree.branches, strict=True):
        np.testing.assert_allclose(one.radii, other.radii, rtol=1e-12)


def test_scan_errors_have_the_stated_size():
    patient = draw_patient(2)
    lumen = ch.build_lumen(patient.tree)
    noise = MeasurementNoise(lumen_bias_mm=0.0, lumen_station_mm=0.12)
    draw = np.random.default_rng(1)
    errors = [
        2e3 * one.radii * np.log(one.radii / other.radii)
        for _ in range(5)
        for one, other in zip(
            scan(patient, lumen, noise, draw).branches, patient.tree.branches, strict=True
        )
    ]
    assert np.concatenate(errors).std() == pytest.approx(0.12, rel=0.15)


def test_catheter_errors_have_the_stated_size():
    true = VesselIndices(
        name="dLAD", ffr_ct=0.8, ffr_ct_distal=0.8, ffr_ct_wire=0.8, ppg=None, imr_ct_u=20.0,
        microvascular_resistance_wu=400.0, cfr=2.5, mrr=3.1, flow_source="prescribed",
        microvascular_informative=True,
    )  # fmt: skip
    noise = MeasurementNoise(wire=0.02, bolus=0.22, continuous=0.09)
    draw = np.random.default_rng(8)
    vessels = [measure(true, 70.0, noise, draw) for _ in range(800)]
    ffr = [v.measured["ffr"] - v.true["ffr"] for v in vessels]
    bolus = [np.log(v.measured["imr_u"] / v.true["imr_u"]) for v in vessels]
    continuous = [np.log(v.measured["resistance_wu"] / v.true["resistance_wu"]) for v in vessels]
    assert np.std(ffr) == pytest.approx(0.02, rel=0.1)
    assert np.std(bolus) == pytest.approx(0.22, rel=0.1)
    assert np.std(continuous) == pytest.approx(0.09, rel=0.1)


def test_written_cohort_is_read_by_batch_and_says_synthetic(cohort, tmp_path):
    paths = cohort.write(tmp_path)
    assert "synthetic" in (tmp_path / "README.txt").read_text().casefold()
    for name in ("scan-population", "true-known"):
        cases = read_manifest(paths[name]).cases
        assert [case.case_id for case in cases] == [f"synthetic-{k:03d}" for k in range(6)]
        for case in cases:
            assert case.input.is_file()
            assert set(case.wires) == set(case.vessels)
            assert all(row["synthetic"] == "yes" for row in case.vessels.values())
    with paths["truth"].open(newline="") as stream:
        truth = list(csv.DictReader(stream))
    assert len(truth) == sum(len(member.vessels) for member in cohort.members)
