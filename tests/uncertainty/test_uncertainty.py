"""Propagation of uncertainty: distributions, surrogate, intervals, sensitivities."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import qmc

import corohemo as ch
from corohemo.errors import ConfigError, InputError
from corohemo.indices.reduced import reduced_indices, reduced_pullbacks
from corohemo.indices.wire import path_transit_time
from corohemo.solvers.reduced import ReducedOptions
from corohemo.uncertainty import (
    CERTAIN,
    CalibratedModel,
    Fixed,
    InputUncertainty,
    LogNormal,
    Normal,
    UncertaintyOptions,
    Uniform,
    propagate_uncertainty,
)
from corohemo.uncertainty.sampling import InputSpace, latin_hypercube
from corohemo.units import MM, MMHG_S

QUICK = UncertaintyOptions(samples=400, sobol_base=0)


def test_hypercube_is_that_of_scipy_with_one_point_in_each_layer():
    points = latin_hypercube(40, 5, np.random.default_rng(7))
    expected = qmc.LatinHypercube(5, rng=np.random.default_rng(7)).random(40)
    np.testing.assert_array_equal(points, expected)
    layers = np.sort(np.floor(40 * points).astype(int), axis=0)
    assert (layers == np.arange(40)[:, None]).all()


@pytest.fixture(scope="module")
def lumen():
    return ch.build_lumen(ch.gallery.left_tree())


@pytest.mark.parametrize("distribution", [Normal(3.0, 0.5), LogNormal(3.0, 0.5)])
def test_distribution_has_its_mean_and_spread(distribution):
    values = distribution.quantile((np.arange(200_000) + 0.5) / 200_000)
    assert values.mean() == pytest.approx(3.0, rel=1e-4)
    assert values.std() == pytest.approx(0.5, rel=1e-3)


def test_certain_inputs_return_the_reduced_solution(lumen):
    person = ch.Hyperemia()
    solution = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, person))
    found = propagate_uncertainty(lumen, person, inputs=CERTAIN, options=QUICK)
    for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        spread = found.spread("vessels", name, "ffr_ct_distal")
        assert spread.nominal == pytest.approx(solution.ffr[outlet][-1], rel=1e-10)
        assert spread.low == pytest.approx(spread.high, rel=1e-10)
        resistance = found.spread("vessels", name, "microvascular_resistance_wu")
        assert resistance.sd < 1e-9 * resistance.mean


@pytest.mark.parametrize(("kind", "tolerance"), [("stenosis", 1e-9), ("left", 1e-4)])
def test_every_sample_is_the_reduced_solution_of_its_lumen(kind, tolerance):
    """Points of the input space solved by hand: radii, viscosity, beds and pressure.

    ``solve_reduced`` sees the angle at a bifurcation a parent diameter away, so there it moves a
    little with the radii; the ensemble keeps it. Without bifurcations both agree to rounding.
    """
    trees = {"stenosis": ch.gallery.cosine_stenosis, "left": ch.gallery.left_tree}
    lumen = ch.build_lumen(trees[kind]())
    inputs = replace(
        CERTAIN,
        diameter_bias_mm=Uniform(-0.1, 0.1),
        station_sd_mm=0.12,
        viscosity_pa_s=Uniform(3e-3, 4.5e-3),
        aortic_pressure_mmhg=Normal(0.0, 8.0),
        hyperemic_index=LogNormal(0.3, 0.09),
    )
    options = UncertaintyOptions(samples=3, sobol_base=0, seed=4)
    found = propagate_uncertainty(lumen, ch.Hyperemia(), inputs=inputs, options=options)
    space = InputSpace(lumen, inputs)
    points = space.spread(3, 4)
    draws, radii = space.draws(points), space.radii(points)
    sizes = np.cumsum([branch.radii.size for branch in lumen.branches])[:-1]
    for k in range(3):
        bias = draws["diameter_bias_mm"][k] * MM
        branches = []
        for branch, part in zip(lumen.branches, np.split(radii[k], sizes), strict=True):
            healthy = branch.reference_radii * np.exp(0.5 * bias / branch.reference_radii)
            branches.append(replace(branch, radii=part, reference_radii=healthy))
        pressure = 93.0 + draws["aortic_pressure_mmhg"][k]
        person = ch.Hyperemia(
            mean_aortic_pressure_mmhg=pressure,
            total_coronary_resistance_index=draws["hyperemic_index"][k],
        )
        moved = replace(lumen, branches=tuple(branches))
        blood = ch.Blood(dynamic_viscosity_pa_s=draws["viscosity_pa_s"][k])
        solution = ch.solve_reduced(moved, ch.prescribe_boundaries(moved, person, blood=blood))
        for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
            value = found.samples["vessels", name, "ffr_ct_distal"][k]
            assert value == pytest.approx(solution.ffr[outlet][-1], rel=tolerance)


def test_calibrated_model_returns_the_run_it_was_calibrated_on(lumen):
    person = ch.Hyperemia()
    boundaries = ch.prescribe_boundaries(lumen, person)
    run = ch.solve_reduced(lumen, boundaries, ReducedOptions(losses="profile"))
    plain = ch.solve_reduced(lumen, boundaries)
    model = CalibratedModel.of_run(lumen, boundaries.blood, run.flows, reduced_pullbacks(run))
    found = propagate_uncertainty(lumen, person, model=model, inputs=CERTAIN, options=QUICK)
    assert np.abs(run.flows / plain.flows - 1).max() > 1e-3
    for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        spread = found.spread("vessels", name, "ffr_ct_distal")
        assert spread.nominal == pytest.approx(run.ffr[outlet][-1], rel=1e-9)
    for lesion in lumen.lesions:
        index = lumen.index(lesion.branch)
        s, pressure = lumen.branches[index].abscissas, run.ffr[index]
        drop = np.interp(lesion.start, s, pressure) - np.interp(lesion.end, s, pressure)
        found_drop = found.spread("lesions", lesion.name, "delta_ffr").nominal
        assert found_drop == pytest.approx(drop, abs=1e-9)
    assert "calibrated on" in found.notes[0]


def test_spread_of_ffr_follows_the_closed_form():
    """In a tube dFFR = -FFR (1 - FFR) (d ln R_s - d ln R_mu), R_s ~ D^-4, R_mu ~ TCRI / Q."""
    lumen = ch.build_lumen(ch.gallery.tube(2.0, 60.0))
    inputs = replace(
        CERTAIN,
        diameter_bias_mm=Normal(0.0, 0.01),
        flow_factor=LogNormal(1.0, 0.02),
        hyperemic_index=LogNormal(0.24, 0.24 * 0.03),
    )
    found = propagate_uncertainty(
        lumen, ch.Hyperemia(), inputs=inputs, options=replace(QUICK, samples=4000)
    )
    spread = found.spread("vessels", lumen.outlet_names[0], "ffr_ct_distal")
    relative = np.sqrt((4 * 0.01 / 2.0) ** 2 + 0.02**2 + 0.03**2)
    expected = spread.nominal * (1 - spread.nominal) * relative
    assert spread.sd == pytest.approx(expected, rel=0.03)
    assert spread.high - spread.low == pytest.approx(2 * 1.96 * expected, rel=0.06)


def test_sobol_indices_share_the_variance_as_its_parts():
    lumen = ch.build_lumen(ch.gallery.tube(2.0, 60.0))
    inputs = replace(
        CERTAIN,
        diameter_bias_mm=Normal(0.0, 0.01),
        flow_factor=LogNormal(1.0, 0.02),
        hyperemic_index=LogNormal(0.24, 0.24 * 0.03),
    )
    options = UncertaintyOptions(samples=100, sobol_base=256)
    found = propagate_uncertainty(lumen, ch.Hyperemia(), inputs=inputs, options=options)
    entry = next(s for s in found.sensitivities if s.quantity == "ffr_ct")
    parts = np.array([0.02**2, 0.02**2, 0.03**2])
    names = ("diameter_bias_mm", "flow_factor", "hyperemic_index")
    for name, share in zip(names, parts / parts.sum(), strict=True):
        assert entry.first_order[name] == pytest.approx(share, abs=0.05)
        assert entry.total[name] == pytest.approx(share, abs=0.05)
    assert entry.first_order["viscosity_pa_s"] == pytest.approx(0.0, abs=0.01)


def test_probability_is_the_part_beyond_the_cutoff(lumen):
    found = propagate_uncertainty(lumen, ch.Hyperemia(), options=QUICK)
    ffr = found.samples["vessels", "dLAD", "ffr_ct_distal"]
    assert found.spread("vessels", "dLAD", "ffr_ct_distal").probability == np.mean(ffr <= 0.8)
    imr = found.samples["vessels", "dLAD", "imr_ct_u"]
    spread = found.spread("vessels", "dLAD", "imr_ct_u")
    assert spread.probability == np.mean(imr >= 25)
    assert np.mean((imr > spread.low) & (imr < spread.high)) == pytest.approx(0.95, abs=0.01)


def test_mrr_of_a_population_is_the_inverse_of_its_index(lumen):
    """Up to the epicardial losses between ostium, wire and outlet."""
    found = propagate_uncertainty(lumen, ch.Hyperemia(), inputs=CERTAIN, options=QUICK)
    for name in lumen.outlet_names:
        mrr = found.spread("vessels", name, "mrr").nominal
        assert mrr == pytest.approx(1 / 0.24, rel=0.06)


def test_station_errors_have_the_same_spread_everywhere(lumen):
    space = InputSpace(lumen, replace(CERTAIN, station_sd_mm=0.12))
    radii = space.radii(space.spread(3000, 0))
    nominal = np.concatenate([branch.radii for branch in lumen.branches])
    error_mm = 2 * nominal * np.log(radii / nominal) / MM
    np.testing.assert_allclose(error_mm.std(axis=0), 0.12, rtol=0.08)
    first, last = lumen.branches[0].radii.size - 1, lumen.branches[0].radii.size
    assert lumen.branches[1].continues
    np.testing.assert_allclose(error_mm[:, first], error_mm[:, last], atol=1e-9)


def test_measured_flow_varies_by_its_own_factor(lumen):
    flow = ch.GivenFlow(flow_ml_min=250.0, state="hyperemic", is_measured=True).estimate(lumen)
    states = ch.boundaries_from_flow(lumen, flow, mean_aortic_pressure_mmhg=90.0)
    inputs = replace(CERTAIN, flow_factor=LogNormal(1.0, 0.1))
    found = propagate_uncertainty(lumen, states.hyperemic, inputs=inputs, options=QUICK)
    transit = found.samples["vessels", "D1", "imr_ct_u"]
    assert np.std(np.log(transit)) == pytest.approx(0.1, rel=0.25)
    assert not any(key[2] == "cfr" for key in found.samples)


def test_each_territory_varies_by_itself(lumen):
    flow = ch.GivenFlow(flow_ml_min=150.0, state="hyperemic", is_measured=True).estimate(lumen)
    states = ch.boundaries_from_flow(lumen, flow, mean_aortic_pressure_mmhg=90.0)
    inputs = replace(CERTAIN, territory_sd=0.2)
    found = propagate_uncertainty(
        lumen, states.hyperemic, inputs=inputs, options=UncertaintyOptions(samples=800)
    )
    resistances = np.array(
        [found.samples["vessels", n, "microvascular_resistance_wu"] for n in ("D1", "OM1")]
    )
    spread = np.log(resistances)
    np.testing.assert_allclose(spread.std(axis=1), np.sqrt(np.log1p(0.04)), rtol=0.1)
    assert abs(np.corrcoef(spread)[0, 1]) < 0.15
    entry = next(s for s in found.sensitivities if s.quantity == "ffr_ct")
    assert entry.total["territories"] > 0.5
    assert max(share for name, share in entry.total.items() if name != "territories") == 0.0


def test_imr_of_the_nominal_case_is_that_of_its_path(lumen):
    person = ch.Hyperemia()
    solution = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, person))
    found = propagate_uncertainty(lumen, person, inputs=CERTAIN, options=QUICK)
    index = lumen.index("D1")
    path = lumen.path(index)
    s = np.concatenate([lumen.branches[i].abscissas for i in path])
    pressure = np.interp(70e-3, s, np.concatenate([solution.pressures[i] for i in path]))
    transit = path_transit_time(lumen, path, solution.flows, 70e-3)
    value = found.spread("vessels", "D1", "imr_ct_u").nominal
    assert value == pytest.approx(pressure * transit / MMHG_S, rel=1e-6)


def test_vessels_are_read_behind_their_lesions_on_their_own_paths():
    """A lesion of the trunk is read in each daughter for the vessel of that daughter."""
    lumen = ch.build_lumen(ch.gallery.random_tree(3, "stenosed"))
    person = ch.Hyperemia()
    solution = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, person))
    expected = reduced_indices({"hyperemic": solution})
    found = propagate_uncertainty(lumen, person, inputs=CERTAIN, options=QUICK)
    assert any(lumen.children(lumen.index(item.branch)) for item in lumen.lesions)
    for vessel in expected.vessels:
        nominal = found.spread("vessels", vessel.name, "ffr_ct").nominal
        assert nominal == pytest.approx(vessel.ffr_ct, abs=1e-6)
    for entry in expected.lesions:
        nominal = found.spread("lesions", entry.lesion.name, "ffr_ct").nominal
        assert nominal == pytest.approx(entry.ffr_ct, abs=1e-6)


def test_samples_of_a_population_say_that_the_microcirculation_is_assumed(lumen):
    found = propagate_uncertainty(lumen, ch.Hyperemia(), inputs=CERTAIN, options=QUICK)
    assert any("not of this patient's microcirculation" in note for note in found.notes)
    flow = ch.GivenFlow(flow_ml_min=240.0, state="hyperemic", is_measured=True).estimate(lumen)
    states = ch.boundaries_from_flow(lumen, flow, mean_aortic_pressure_mmhg=90.0)
    measured = propagate_uncertainty(lumen, states.hyperemic, options=QUICK)
    assert not any("microcirculation" in note for note in measured.notes)


def test_intervals_hold_the_truth_of_synthetic_patients():
    """A short version of ``benchmarks/uncertainty_rows.py``; 16 of 20 leaves room for chance."""
    path = Path(__file__).parents[2] / "benchmarks" / "uncertainty_rows.py"
    spec = importlib.util.spec_from_file_location("uncertainty_rows", path)
    rows = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rows)
    found = rows.synthetic_coverage(20, 300, first_seed=500)
    assert found.ffr >= 16 / 20
    assert found.imr >= 16 / 20
    assert found.ffr_width < 0.5
    assert np.ptp(found.true_ffr) > 0.3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: Uniform(1.0, 0.0), "must not be below low"),
        (lambda x: Normal(0.0, -1.0), "must not be negative"),
        (lambda x: InputUncertainty(flow_factor=1.0), "Fixed, Normal, LogNormal or Uniform"),
        (lambda x: UncertaintyOptions(sobol_base=100), "power of two"),
        (lambda x: UncertaintyOptions(level=1.0), "between 0 and 1"),
        (
            lambda x: propagate_uncertainty(
                x, ch.Hyperemia(), options=UncertaintyOptions(samples=0)
            ),
            "at least two samples",
        ),
        (
            lambda x: propagate_uncertainty(
                x,
                ch.Boundaries(ch.FlowInlet(200.0), {"*": ch.Resistance(400.0)}),
                options=QUICK,
            ),
            "pressure at the inlet",
        ),
    ],
)
def test_bad_input_is_a_sentence(lumen, make, words):
    with pytest.raises(ConfigError, match=words):
        make(lumen)


def test_run_of_another_lumen_is_refused(lumen):
    other = ch.build_lumen(ch.gallery.y_bifurcation())
    run = ch.solve_reduced(other, ch.prescribe_boundaries(other, ch.Hyperemia()))
    with pytest.raises(InputError, match="each of the branches"):
        CalibratedModel.of_run(lumen, run.boundaries.blood, run.flows, reduced_pullbacks(run))


def test_a_few_impossible_samples_are_counted_and_cost_the_sobol_indices(lumen):
    """A given flow of 420 mL/min leaves no pressure behind some of the sampled lesions."""
    flow = ch.GivenFlow(flow_ml_min=420.0, state="hyperemic", is_measured=True).estimate(lumen)
    states = ch.boundaries_from_flow(lumen, flow, mean_aortic_pressure_mmhg=93.0)
    options = UncertaintyOptions(samples=1000, sobol_base=64)
    inputs = replace(InputUncertainty(), flow_factor=LogNormal(1.0, 0.15))
    found = propagate_uncertainty(lumen, states.hyperemic, inputs=inputs, options=options)
    assert 0 < found.n_impossible < 50
    assert found.n_samples == 1000 - found.n_impossible
    assert found.sensitivities == ()
    assert any("left out" in note for note in found.notes)
    assert any("Sobol indices are not computed" in note for note in found.notes)


def test_too_many_impossible_samples_are_an_error(lumen):
    inputs = replace(CERTAIN, aortic_pressure_mmhg=Uniform(-93.0, 0.0))
    inputs = replace(inputs, venous_pressure_mmhg=Fixed(20.0))
    with pytest.raises(ch.NotConvergedError, match="no possible flow"):
        propagate_uncertainty(lumen, ch.Hyperemia(), inputs=inputs, options=QUICK)


@pytest.mark.parametrize(
    ("field", "distribution"),
    [
        ("viscosity_pa_s", Uniform(3.0, 4.5)),
        ("viscosity_pa_s", Uniform(-1e-3, 4e-3)),
        ("flow_factor", Fixed(-1.0)),
        ("flow_factor", Fixed(0.0)),
        ("hyperemic_index", Normal(0.3, 0.3)),
        ("hyperemic_index", Fixed(1.5)),
        ("diameter_exponent", Uniform(-1.0, 3.0)),
        ("diameter_bias_mm", Uniform(-100.0, 100.0)),
        ("venous_pressure_mmhg", Fixed(1333.0)),
        ("aortic_pressure_mmhg", Normal(0.0, 1e4)),
    ],
)
def test_an_input_that_is_no_such_quantity_is_refused_by_name(field, distribution):
    with pytest.raises(ConfigError, match=f"{field} must lie between") as caught:
        InputUncertainty(**{field: distribution})
    assert caught.value.field == field


def test_no_sample_flows_with_a_viscosity_below_zero(lumen):
    inputs = replace(CERTAIN, viscosity_pa_s=Normal(2.5e-3, 1.2e-3))
    found = propagate_uncertainty(lumen, ch.Hyperemia(), inputs=inputs, options=QUICK)
    assert found.n_impossible > 0
    assert max(values.max() for key, values in found.samples.items() if "ffr" in key[2]) < 1.0


@pytest.mark.parametrize("setting", ["samples", "sobol_base", "seed"])
def test_numbers_of_samples_are_whole(setting):
    with pytest.raises(ConfigError, match=f"{setting} must be a whole number"):
        UncertaintyOptions(**{setting: 64.0})


def test_a_resting_flow_has_no_uncertain_ffr(lumen):
    person = ch.Hyperemia().at_rest()
    for flow in (person, ch.prescribe_boundaries(lumen, person)):
        with pytest.raises(ConfigError, match="at rest"):
            propagate_uncertainty(lumen, flow, options=QUICK)


@pytest.mark.parametrize(("samples", "is_said"), [(39, True), (40, False)])
def test_too_few_samples_for_the_interval_are_said(lumen, samples, is_said):
    options = UncertaintyOptions(samples=samples, sobol_base=0)
    found = propagate_uncertainty(lumen, ch.Hyperemia(), inputs=CERTAIN, options=options)
    assert any("needs 40 samples" in note for note in found.notes) == is_said
