"""A pulsatile case through run_case: what it adds to the folder, and what it tells meanwhile."""

import csv
import json
import time

import pytest
import vtk

import corohemo as ch
from corohemo.case import run_case
from corohemo.cli.console import clock_time, step_line
from corohemo.progress import NullProgress
from corohemo.solvers.transient_run import StepNews

pytestmark = pytest.mark.fem

STEPS = 24


class Listener(NullProgress):
    """Keeps what it is told."""

    def __init__(self):
        self.news = {}

    def clock(self, state):
        return self.news.setdefault(state, []).append


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    pytest.importorskip("dolfinx_solver")
    root = tmp_path_factory.mktemp("pulsatile")
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=40.0, length_mm=16.0)
    ch.write_centerline(tree, root / "tube.swc", length_unit="mm")
    case = root / "beat.toml"
    case.write_text(
        '[case]\ncenterline = "tube.swc"\nlength_unit = "mm"\n'
        "[mesh]\nrefinement = 0.4\n[physiology]\ntree_share = 0.3\n[report]\npictures = false\n"
        f"[pulsatile]\non = true\nsteps_per_cycle = {STEPS}\nmax_cycles = 5\n"
        'periodicity = 0.05\ncheckpoint = "state.npz"\n'
    )
    listener = Listener()
    result = run_case(case, root / "out", progress=listener)
    return result, root / "out", listener


def test_both_states_are_periodic_and_say_how_far_they_swing(run):
    result, folder, _ = run
    assert result.status == "converged"
    states = json.loads((folder / "result.json").read_text())["states"]
    for state in states.values():
        pulse = state["pulse"]
        low, high = pulse["inlet"]["pressure_range_mmhg"]
        assert low < state["inlet"]["pressure_mmhg"] < high
        assert pulse["is_periodic"]
        assert pulse["steps_per_cycle"] == STEPS


def test_resting_ratios_lie_around_the_mean_one_and_are_null_in_hyperemia(run):
    states = run[0].document["states"]
    (resting,) = states["resting"]["pulse"]["outlets"]
    mean = states["resting"]["outlets"][0]["pressure_ratio"]
    assert resting["rfr"] < resting["ifr"] < 1.0
    assert resting["rfr"] < mean
    (hyperemic,) = states["hyperemic"]["pulse"]["outlets"]
    assert hyperemic["ifr"] is None
    assert "rest" in hyperemic["notes"]["ifr"]


def test_wire_and_lesion_have_ratios_over_the_cycle_around_the_mean_one(run):
    document = run[0].document
    for state in ("hyperemic", "resting"):
        pulse = document["states"][state]["pulse"]
        (wire,), (behind,), (outlet,) = pulse["vessels"], pulse["lesions"], pulse["outlets"]
        assert wire["position_mm"] == pytest.approx(document["vessels"][0]["wire_position_mm"])
        assert wire["pressure_range_mmhg"] == pytest.approx(outlet["pressure_range_mmhg"], rel=1e-9)
        for one in (wire, behind):
            low, high = one["pressure_ratio_range"]
            assert low < one["pressure_ratio"] < high
        if state == "resting":
            assert wire["ifr"] == pytest.approx(outlet["ifr"], rel=1e-12)
            assert wire["rfr"] == pytest.approx(outlet["rfr"], rel=1e-12)
            assert behind["rfr"] < behind["ifr"] < 1.0
        else:
            assert wire["pressure_ratio"] == document["vessels"][0]["ffr_ct_wire"]
            assert behind["pressure_ratio"] == document["lesions"][0]["ffr_ct"]
            assert behind["position_mm"] == document["lesions"][0]["ffr_ct_position_mm"]
            assert (behind["ifr"], behind["rfr"]) == (None, None)
            assert "rest" in behind["notes"]["rfr"]


def test_pullbacks_and_readings_over_the_cycle_are_tables(run):
    result, folder, _ = run
    with (folder / "cycle_pullback.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    with (folder / "sections.csv").open() as stream:
        sections = list(csv.DictReader(stream))
    key = ("state", "branch", "abscissa_mm")
    assert [[row[k] for k in key] for row in rows] == [[row[k] for k in key] for row in sections]
    resting = [row for row in rows if row["state"] == "resting"]
    assert float(resting[0]["ifr"]) == float(resting[0]["rfr"]) == 1.0
    (wire,) = result.document["states"]["resting"]["pulse"]["vessels"]
    assert float(resting[-1]["ifr"]) == pytest.approx(wire["ifr"], abs=1e-5)
    assert all(row["ifr"] == "" for row in rows if row["state"] == "hyperemic")
    (behind,) = result.document["states"]["resting"]["pulse"]["lesions"]
    with (folder / "lesions.csv").open() as stream:
        (lesion,) = csv.DictReader(stream)
    assert [float(lesion[k]) for k in ("ifr", "rfr")] == [behind[k] for k in ("ifr", "rfr")]
    with (folder / "cycle_readings.csv").open() as stream:
        readings = list(csv.DictReader(stream))
    assert len(readings) == 2 * 2 * STEPS
    ratios = [
        float(row["pressure_mmhg"]) / float(row["aortic_pressure_mmhg"])
        for row in readings
        if (row["state"], row["kind"]) == ("resting", "vessel")
    ]
    assert min(ratios) == pytest.approx(wire["rfr"], rel=1e-12)


def test_page_draws_both_pressures_at_the_wire(run):
    page = (run[1] / "report.html").read_text()
    assert page.count("at the wire positions") == 2
    assert "wire in" in page


def test_wall_is_read_over_the_cycle_by_lesion_and_by_facet(run):
    result, folder, _ = run
    whole, lesion = result.document["states"]["hyperemic"]["pulse"]["wall"]
    assert lesion["name"] == result.document["lesions"][0]["name"]
    assert lesion["tawss_pa"] > whole["tawss_pa"] > 0.0
    assert 0.0 <= whole["osi"] < 0.5
    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName(str(folder / "wall.vtp"))
    reader.Update()
    data = reader.GetOutput().GetCellData()
    names = {data.GetArrayName(k) for k in range(data.GetNumberOfArrays())}
    assert names >= {"TAWSS_Pa", "OSI", "RRT_1_Pa", "ECAP_1_Pa", "TransWSS_Pa", "CFI", "TSVI_1_m"}


def test_wall_says_how_many_sided_its_shear_is(run):
    for state in run[0].document["states"].values():
        for part in state["pulse"]["wall"]:
            assert 0.0 <= part["trans_wss_pa"] < part["tawss_pa"]
            assert 0.0 <= part["cfi"] < 2 / 3.14
            assert part["ecap_1_pa"] >= 0.0
            assert part["tsvi_1_m"] > 0.0
            assert 0.0 <= part["turn_mean_deg"] <= part["turn_max_deg"]
            assert part["notes"] == {}


def test_sectors_carry_the_cycle_of_both_states(run):
    result, folder, _ = run
    with (folder / "wall_sectors.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for state in ("hyperemic", "resting"):
        mine = [row for row in rows if row["state"] == state]
        area = sum(float(row["area_mm2"]) for row in mine)
        whole = result.document["states"][state]["pulse"]["wall"][0]
        for column, key in (("tawss_pa", "tawss_pa"), ("tsvi_1_m", "tsvi_1_m"), ("cfi", "cfi")):
            mean = sum(float(row["area_mm2"]) * float(row[column]) for row in mine) / area
            assert mean == pytest.approx(whole[key], rel=1e-3)
        assert all(bool(row["wss_pa"]) == (state == "hyperemic") for row in mine)


def test_cycle_is_written_step_by_step(run):
    with (run[1] / "cycle.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2 * 2 * STEPS
    pressures = [
        float(row["pressure_mmhg"])
        for row in rows
        if (row["state"], row["face"]) == ("resting", "inlet")
    ]
    mean = run[0].document["states"]["resting"]["inlet"]["pressure_mmhg"]
    assert sum(pressures) / STEPS == pytest.approx(mean, rel=1e-6)


def test_every_step_of_every_state_is_told(run):
    result, _, listener = run
    for state, news in listener.news.items():
        cycles = result.document["states"][state]["pulse"]["cycles"]
        assert len(news) == cycles * STEPS
        assert (news[-1].cycle, news[-1].step) == (cycles, STEPS)
        assert news[-1].change is not None


def test_each_state_has_a_checkpoint_of_its_own(run):
    folder = run[1]
    assert {path.name for path in folder.glob("state*")} == {
        "state-hyperemic.npz",
        "state-resting.npz",
    }


def test_line_of_progress_tells_the_time_to_the_end_of_the_cycle_and_of_the_run():
    news = StepNews(step=50, steps_per_cycle=100, cycle=1, max_cycles=3, change=None)
    line = step_line(news, time.perf_counter() - 50.0)
    assert "step 50 of 100" in line
    assert "0:50 to the end of the cycle, at most 4:10" in line
    assert clock_time(3725.0) == "1:02:05"
