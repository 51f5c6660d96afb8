"""svZeroDSolver's files: its own reference series, round trips, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corohemo.errors import ConfigError, CorohemoError, FileFormatError, InputError
from corohemo.io import read_svzerod, write_svzerod
from corohemo.solvers.network import solve_network

CASES = [
    "pulsatileFlow_CRL",
    "pulsatileFlow_R_RCR",
    "pulsatileFlow_R_coronary",
    "steadyFlow_RLC_R",
    "steadyFlow_R_R",
    "steadyFlow_R_RCR",
    "steadyFlow_R_coronary",
    "steadyFlow_bifurcationR_R1",
    "steadyFlow_bifurcationR_R2",
    "steadyFlow_confluenceR_R",
    "steadyFlow_stenosis_R",
]
QUANTITIES = ("flow_in", "flow_out", "pressure_in", "pressure_out")


def small_case():
    """A pulsatile stenosis that splits into a windkessel and a coronary bed."""
    t = np.linspace(0.0, 0.8, 9).tolist()
    wave = [5.0, 7.0, 9.0, 6.0, 5.0, 4.0, 4.0, 4.5, 5.0]
    values = {"R_poiseuille": 80.0, "stenosis_coefficient": 3.0, "L": 1.0, "C": 1e-5}
    vessel = {"zero_d_element_type": "BloodVessel", "vessel_length": 1.0}
    bed = {"Ra1": 90.0, "Ra2": 80.0, "Rv1": 70.0, "Ca": 1e-4, "Cc": 2e-4, "P_v": 10.0}
    return {
        "simulation_parameters": {
            "number_of_cardiac_cycles": 3,
            "number_of_time_pts_per_cardiac_cycle": 41,
        },
        "boundary_conditions": [
            {"bc_name": "IN", "bc_type": "FLOW", "bc_values": {"Q": wave, "t": t}},
            {
                "bc_name": "A",
                "bc_type": "RCR",
                "bc_values": {"Rp": 100.0, "C": 1e-4, "Rd": 900.0, "Pd": 5.0},
            },
            {
                "bc_name": "B",
                "bc_type": "CORONARY",
                "bc_values": bed | {"t": t, "Pim": [100 * value for value in wave]},
            },
        ],
        "junctions": [
            {
                "junction_name": "J0",
                "junction_type": "NORMAL_JUNCTION",
                "inlet_vessels": [0],
                "outlet_vessels": [1, 2],
            }
        ],
        "vessels": [
            vessel
            | {
                "vessel_id": index,
                "vessel_name": f"branch{index}_seg0",
                "zero_d_element_values": values,
                "boundary_conditions": condition,
            }
            for index, condition in enumerate(({"inlet": "IN"}, {"outlet": "A"}, {"outlet": "B"}))
        ],
    }


def write(tmp_path, case):
    path = tmp_path / "case.json"
    path.write_text(case if isinstance(case, str) else json.dumps(case))
    return path


@pytest.mark.parametrize("name", CASES)
def test_series_of_svzerodsolver_are_reproduced(shared, name):
    network = read_svzerod(shared / "zero_d" / f"{name}.json")
    solution = solve_network(network)
    result = json.loads((shared / "zero_d" / f"result_{name}.json").read_text())
    for quantity in QUANTITIES:
        for vessel in network.vessels:
            rows = [row for row, owner in result["name"].items() if owner == vessel.name]
            expected = np.array([result[quantity][row] for row in rows])
            series = getattr(solution, quantity)[vessel.name]
            assert np.abs(series - expected).max() <= 1e-6 * np.abs(expected).max()
    np.testing.assert_allclose(solution.times, [result["time"][row] for row in rows], atol=1e-9)


def test_written_network_is_the_network(tmp_path):
    network = read_svzerod(write(tmp_path, small_case()))
    path = tmp_path / "copy.json"
    write_svzerod(network, path)
    first, second = solve_network(network), solve_network(read_svzerod(path))
    for quantity in QUANTITIES:
        for name, series in getattr(first, quantity).items():
            np.testing.assert_allclose(getattr(second, quantity)[name], series, rtol=1e-12)


def test_vessels_inside_a_junction_act_like_vessels(tmp_path):
    case = small_case()
    inside = case["junctions"][0]
    inside["junction_type"] = "BloodVesselJunction"
    inside["junction_values"] = {
        "R_poiseuille": [50.0, 60.0],
        "L": [2.0, 0.0],
        "stenosis_coefficient": [0.0, 4.0],
    }
    network = read_svzerod(write(tmp_path, case))
    solution = solve_network(network)
    assert len(network.vessels) == 5
    for index in (1, 2):
        through = solution.flow_out[f"J0:{index - 1}"]
        np.testing.assert_allclose(solution.flow_in[f"branch{index}_seg0"], through, rtol=1e-12)
    drop = solution.pressure_out["branch0_seg0"] - solution.pressure_in["branch2_seg0"]
    flow = solution.flow_in["branch2_seg0"]
    middle = slice(5, None)
    np.testing.assert_allclose(drop[middle], ((60 + 4 * np.abs(flow)) * flow)[middle], rtol=0.02)


def edited(path, value):
    case = small_case()
    *way, last = path
    place = case
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return case


@pytest.mark.parametrize(
    ("case", "error", "says"),
    [
        ("{", FileFormatError, "not JSON"),
        ("[]", FileFormatError, "a wrong type"),
        (edited(["vessels", 0, "vessel_name"], [1]), ConfigError, "name must be text"),
        (edited(["vessels", 0, "vessel_name"], "branch1_seg0"), ConfigError, "Two vessels"),
        (edited(["boundary_conditions", 1, "bc_values", "Rd"], []), FileFormatError, "wrong type"),
        (edited(["boundary_conditions", 1, "bc_values", "Pd"], 1e999), ConfigError, "Pd.*number"),
        (edited(["vessels"], None), FileFormatError, "'vessels' is missing"),
        (edited(["chambers"], [1]), FileFormatError, "chambers, which are not supported"),
        (edited(["vessels", 0, "zero_d_element_type"], "X"), FileFormatError, "type 'X'"),
        (edited(["junctions", 0, "junction_type"], "X"), FileFormatError, "type 'X'"),
        (edited(["junctions", 0, "inlet_vessels"], [7]), FileFormatError, "vessel 7"),
        (edited(["boundary_conditions", 1, "bc_type"], "X"), FileFormatError, "type 'X'"),
        (edited(["boundary_conditions", 1, "bc_values", "Rd"], 0), ConfigError, "Rd.*positive"),
        (edited(["boundary_conditions", 1, "bc_values", "Rp"], "a"), FileFormatError, "type"),
        (edited(["boundary_conditions", 0, "bc_values", "Q", -1], 9), ConfigError, "not repeat"),
        (
            edited(["simulation_parameters", "cardiac_period"], 0.9),
            ConfigError,
            r"periods of 0.8 and 0.9",
        ),
        (
            edited(["vessels", 0, "boundary_conditions", "inlet"], "A"),
            ConfigError,
            "RCR cannot stand before",
        ),
        (edited(["vessels", 1, "vessel_id"], 0), FileFormatError, "Two vessels have the id 0"),
        (edited(["boundary_conditions", 1, "bc_name"], "IN"), FileFormatError, "name 'IN'"),
        (
            edited(["vessels", 1, "boundary_conditions", "outlet"], "Z"),
            FileFormatError,
            "Vessel 'branch1_seg0': There is no boundary condition 'Z'; there are IN, A, B",
        ),
        (
            edited(["boundary_conditions", 2, "bc_values", "Ra2"], None),
            FileFormatError,
            "Boundary condition 'B': The entry 'Ra2' is missing",
        ),
        (
            edited(["vessels", 0, "zero_d_element_values", "stenosis_coeff"], 3.0),
            FileFormatError,
            "Vessel 'branch0_seg0': 'stenosis_coeff' is no value .*stenosis_coefficient",
        ),
        (
            edited(["boundary_conditions", 1, "bc_values", "pd"], 3.0),
            FileFormatError,
            "Boundary condition 'A': 'pd' is no value",
        ),
        (
            edited(["boundary_conditions", 1, "bc_values", "Pd"], [3.0, 9.0, 3.0]),
            FileFormatError,
            "Boundary condition 'A': Pd varies in time",
        ),
        (edited(["pistons"], [{"x": 1}]), FileFormatError, "pistons, which are not supported"),
        (
            edited(["simulation_parameters", "steady_initial"], "no"),
            FileFormatError,
            "steady_initial must be true or false",
        ),
    ],
)
def test_unusable_file_is_refused_with_its_name(tmp_path, case, error, says):
    with pytest.raises(error, match=says) as caught:
        read_svzerod(write(tmp_path, case))
    assert "case.json" in str(caught.value)


def test_folder_that_is_not_there_is_an_error(tmp_path):
    network = read_svzerod(write(tmp_path, small_case()))
    with pytest.raises(InputError, match="cannot be written"):
        write_svzerod(network, tmp_path / "nowhere" / "case.json")


def test_initial_condition_is_refused_where_it_would_count(tmp_path):
    case = edited(["initial_condition"], {"pressure_all": 100.0})
    read_svzerod(write(tmp_path, case))
    case["simulation_parameters"]["steady_initial"] = False
    with pytest.raises(FileFormatError, match="initial_condition, which are not supported"):
        read_svzerod(write(tmp_path, case))


JUNK = [None, -1, 0, 1e300, float("nan"), float("inf"), "x", [], {}, [1, 2], True, 2**70, 1e-300]


def places(value, way=()):
    """Ways to all entries of nested lists and dictionaries."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        yield [*way, key]
        if isinstance(child, dict | list):
            yield from places(child, [*way, key])


@given(place=st.sampled_from(list(places(small_case()))), junk=st.sampled_from(JUNK))
@settings(max_examples=150)
def test_junk_is_an_error_of_ours_or_a_finite_solution(tmp_path_factory, place, junk):
    path = tmp_path_factory.mktemp("junk") / "case.json"
    case = small_case()
    target = case
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = junk
    path.write_text(json.dumps(case))
    try:
        network = read_svzerod(path)
        if network.timing.points_per_cycle * network.timing.cycles > 10_000:
            return
        solution = solve_network(network)
    except CorohemoError:
        return
    for quantity in QUANTITIES:
        for series in getattr(solution, quantity).values():
            assert np.isfinite(series).all()
