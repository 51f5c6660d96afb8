"""svOneDSolver's cases with rigid walls, and its left coronary tree."""

import csv

import numpy as np
import pytest

from corohemo import gallery
from corohemo.boundary import RCR, Blood, Boundaries, FlowInlet, PressureOutlet, Resistance
from corohemo.errors import CorohemoError
from corohemo.io import read_svoned
from corohemo.lumen_build import build_lumen
from corohemo.solvers.network import solve_network
from corohemo.solvers.reduced import solve_reduced
from corohemo.units import DYN_PER_CM2, ML, MMHG, WOOD_UNIT


@pytest.mark.parametrize("case", ["tube_r", "tube_rcr", "tube_pressure", "tube_stenosis_r"])
def test_tube_has_the_pressures_of_svonedsolver(shared, case):
    folder = shared / "left_coronary_tree"
    network = read_svoned(folder / f"{case}.in")
    solution = solve_network(network)
    with (folder / "expected.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if row["case"] == case]
    assert rows
    for row in rows:
        side = "in" if row["node"] == "first" else "out"
        series = getattr(solution, f"{row['quantity']}_{side}")
        vessel = network.vessels[int(row["segment"])].name
        assert series[vessel][-1] == pytest.approx(float(row["value"]), rel=1e-5)


def test_lumen_of_the_tube_has_the_same_pressure():
    lumen = build_lumen(gallery.tube(diameter_mm=20.0 / np.pi**0.5, length_mm=100.0))
    blood = Blood(density_kg_m3=1060.0, dynamic_viscosity_pa_s=4e-3)
    resistance = 100.0 * DYN_PER_CM2 / ML / WOOD_UNIT
    half = RCR(resistance / 2, 1e-3 * ML / DYN_PER_CM2 * MMHG / ML, resistance / 2)
    for outlet in (PressureOutlet(1e4 * DYN_PER_CM2 / MMHG), Resistance(resistance), half):
        boundaries = Boundaries(FlowInlet(6000.0), {"*": outlet}, blood)
        pressure = solve_reduced(lumen, boundaries).inlet_pressure / DYN_PER_CM2
        assert pressure == pytest.approx(11005.30965, rel=1e-5)


def test_left_coronary_tree_fills_in_diastole_and_conserves_flow(shared):
    folder = shared / "left_coronary_tree"
    network = read_svoned(folder / "Left_coronary_inlet_pressure_wave_outlet_coronary.in")
    assert (len(network.vessels), len(network.outlets)) == (86, 6)
    solution = solve_network(network)
    root = next(v.name for v in network.vessels if v.start in network.inlets)
    ends = [v.name for v in network.vessels if v.end in network.outlets]
    flow = solution.flow_in[root]
    np.testing.assert_allclose(flow, sum(solution.flow_out[name] for name in ends), rtol=1e-9)
    systole = (solution.times > 0.05) & (solution.times < 0.35)
    assert flow[systole].mean() < 0.8 * flow[~systole].mean()


TUBE = """
SEGMENT s 0 10.0 50 0 1 1.0 1.0 0.0 M NONE 0.0 0 0 RESISTANCE OUT
DATATABLE IN LIST
0.0 100.0
1.0 100.0
ENDDATATABLE
DATATABLE OUT LIST
0.0 100.0
ENDDATATABLE
SOLVEROPTIONS 0.01 10 10 2 IN FLOW 1.0e-8 1 1
MATERIAL M OLUFSEN 1.06 0.04 0 2.0 1.0e15 -20 1e9
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("SEGMENT s 0 10.0", "SEGMENT s 0 x", "Line 2: SEGMENT is not a number"),
        (" RESISTANCE OUT", "", "Line 2: card SEGMENT is incomplete"),
        ("RESISTANCE OUT", "IMPEDANCE OUT", "'IMPEDANCE'; supported"),
        ("RESISTANCE OUT", "RESISTANCE OUTT", "names 'OUTT'"),
        ("M NONE", "M BRANCH_THROUGH_DIVIDING", "loss 'BRANCH"),
        ("M NONE", "N NONE", "names 'N'"),
        ("1.0 1.0 0.0 M", "0.0 1.0 0.0 M", "positive length and areas"),
        ("IN FLOW", "IN AREA", "'AREA'; supported"),
        ("SOLVEROPTIONS", "#", "no SOLVEROPTIONS"),
        ("1.0 100.0\nEND", "1.0 120.0\nEND", "does not repeat"),
        ("0.0 100.0\nENDDATATABLE\nSOLVER", "0.0 -100.0\nENDDATATABLE\nSOLVER", "at least zero"),
    ],
)
def test_unusable_card_is_refused_with_the_file(tmp_path, old, new, says):
    path = tmp_path / "tube.in"
    assert old in TUBE
    path.write_text(TUBE.replace(old, new))
    with pytest.raises(CorohemoError, match=says) as caught:
        read_svoned(path)
    assert "tube.in" in str(caught.value)
