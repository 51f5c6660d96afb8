"""Survival: textbook curves, known hazards, the area at a time against its definition."""

import numpy as np
import pytest

from corohemo.agreement import auc
from corohemo.errors import InputError
from corohemo.prognosis import (
    FollowUp,
    cox,
    group_thresholds,
    kaplan_meier,
    make_patients,
    time_auc,
)
from corohemo.prognosis.time_roc import case_weights, uncensored_before

pytest.importorskip("lifelines")
pytestmark = pytest.mark.filterwarnings("default")


def simulated(n, ratio, *, seed=1, censoring=2000.0):
    """Exponential times whose hazard is exp(log(ratio) x); x normal."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=n)
    time = draw.exponential(1000.0 / np.exp(np.log(ratio) * x))
    end = draw.uniform(0.0, censoring, n)
    return x, np.minimum(time, end) + 1e-3, time <= end, time


def test_kaplan_meier_is_that_of_the_leukemia_trial():
    """Remission under 6-MP (Freireich 1963): S(10) = .753, S(23) = .448, 9 events of 21."""
    days = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    event = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    treated = FollowUp(np.array(days, float), np.array(event, bool))
    (curve,) = kaplan_meier(treated).curves
    at = dict(zip(curve.days, curve.survival, strict=True))
    assert (round(at[10.0], 3), round(at[23.0], 3)) == (0.753, 0.448)
    assert (curve.n, curve.events) == (21, 9)
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    both = FollowUp(np.array(days + placebo, float), np.array(event + [1] * 21, bool))
    assert kaplan_meier(both, ["6-MP"] * 21 + ["placebo"] * 21).logrank_p < 1e-4
    numbered = kaplan_meier(both, [0] * 21 + [1] * 21)
    assert [(curve.group, curve.n) for curve in numbered.curves] == [("0", 21), ("1", 21)]


def test_cox_finds_the_hazard_ratio_that_was_drawn():
    x, days, event, _ = simulated(800, 2.0)
    table = make_patients({"x": list(x), "days": list(days), "event": [int(e) for e in event]})
    found = cox(table, ["x"])
    assert found.hazards[0].ratio.low < 2.0 < found.hazards[0].ratio.high
    assert found.hazards[0].proportional_p > 0.01
    assert found.n == 800


def test_hazards_that_cross_are_remarked():
    draw = np.random.default_rng(2)
    x = np.repeat([0.0, 1.0], 400)
    days = np.where(x == 0.0, draw.exponential(500.0, 800), 480.0 * draw.weibull(5.0, 800)) + 1.0
    table = make_patients({"x": list(x), "days": list(days), "event": [1] * 800})
    found = cox(table, ["x"])
    assert found.hazards[0].proportional_p < 1e-4
    assert "not proportional" in " ".join(found.remarks)


def test_a_covariate_that_tells_who_has_the_event_is_refused_or_remarked():
    draw = np.random.default_rng(3)
    event = np.arange(80) < 40
    columns = {"days": list(draw.exponential(100.0, 80) + 1.0), "event": [int(e) for e in event]}
    x = draw.normal(size=80)
    twice = make_patients(columns | {"x": list(x), "y": list(2.0 * x)})
    with pytest.raises(InputError, match="follows from the others"):
        cox(twice, ["x", "y"])
    telling = make_patients(columns | {"x": [int(e) for e in event]})
    try:
        remarks = " ".join(cox(telling, ["x"]).remarks)
    except InputError as error:
        remarks = str(error)
    assert "lifelines:" in remarks or "tells who has the event" in remarks


def test_without_events_among_the_complete_there_is_no_model():
    columns = {"x": [None, 1.0, 2.0, 3.0], "days": [1.0, 2.0, 3.0, 4.0], "event": [1, 0, 0, 0]}
    with pytest.raises(InputError, match="leave out what is often missing"):
        cox(make_patients(columns), ["x"])


def test_few_events_and_gaps_are_remarked():
    x, days, event, _ = simulated(40, 2.0, censoring=300.0)
    column = [None, *list(x)[1:]]
    table = make_patients({"x": column, "days": list(days), "event": [int(e) for e in event]})
    remarks = " ".join(cox(table, ["x"]).remarks)
    assert "1 patients without every covariate" in remarks


def test_rows_of_one_patient_have_robust_errors():
    x, days, event, _ = simulated(200, 2.0)
    columns = {"x": [*x, *x], "days": [*days, *days], "event": [int(e) for e in event] * 2}
    table = make_patients(columns | {"who": [str(i) for i in range(200)] * 2})
    naive, robust = cox(table, ["x"]), cox(table, ["x"], cluster="who")
    width = [np.log(m.hazards[0].ratio.high / m.hazards[0].ratio.low) for m in (naive, robust)]
    assert width[1] == pytest.approx(np.sqrt(2.0) * width[0], rel=0.15)


def test_weights_are_those_of_the_censoring_curve_of_lifelines():
    lifelines = pytest.importorskip("lifelines")
    draw = np.random.default_rng(4)
    days, event = np.round(draw.exponential(10.0, 60)) + 1.0, draw.random(60) < 0.6
    late = days + 0.5 * ~event
    curve = lifelines.KaplanMeierFitter().fit(late, ~event)
    at = np.unique(days)
    ours = uncensored_before(FollowUp(days, event), at)
    theirs = curve.survival_function_at_times(at - 1e-9).to_numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_area_at_a_time_is_its_definition():
    x, days, event, _ = simulated(120, 2.0, seed=6)
    follow_up = FollowUp(days, event)
    weights, control = case_weights(follow_up, 500.0)
    wins = np.sign(x[:, None] - x[None, :]) / 2.0 + 0.5
    pairs = weights[:, None] * control[None, :]
    (found,) = time_auc(x, follow_up, [500.0], draws=20)
    assert found.auc.value == pytest.approx(np.sum(wins * pairs) / np.sum(pairs), abs=1e-12)


def test_area_at_a_time_is_that_of_scikit_survival():
    """Values of cumulative_dynamic_auc of scikit-survival 0.28.0 for these draws."""
    draw = np.random.default_rng(11)
    x = np.round(draw.normal(size=150), 1)
    time = np.round(draw.exponential(1000.0 / np.exp(0.7 * x)), 3) + 0.001
    end = np.round(draw.uniform(0, 2000.0, 150), 3) + 0.0005
    found = time_auc(
        x, FollowUp(np.minimum(time, end), time <= end), [200.0, 500.0, 900.0], draws=1
    )
    theirs = [0.7276328324888428, 0.7019701985408967, 0.7010417924287526]
    np.testing.assert_allclose([one.auc.value for one in found], theirs, rtol=1e-12)


def test_vessels_of_a_patient_are_drawn_together():
    x, days, event, _ = simulated(150, 2.0)
    twice = FollowUp(np.repeat(days, 2), np.repeat(event, 2))
    names = [str(i // 2) for i in range(300)]
    (alone,) = time_auc(np.repeat(x, 2), twice, [500.0])
    (whole,) = time_auc(np.repeat(x, 2), twice, [500.0], patients=names)
    (one,) = time_auc(x, FollowUp(days, event), [500.0])
    width = [found.auc.high - found.auc.low for found in (alone, whole, one)]
    assert width[1] == pytest.approx(width[2], rel=0.15)
    assert width[1] > 1.2 * width[0]


def test_missing_values_are_refused_and_missing_groups_left_out():
    x, days, event, _ = simulated(100, 2.0)
    follow_up = FollowUp(days, event)
    gappy = np.append(np.nan, x[1:])
    with pytest.raises(InputError, match="patient 1 is missing"):
        time_auc(gappy, follow_up, [500.0])
    with pytest.raises(InputError, match="patient 1 is missing"):
        group_thresholds(gappy, follow_up, ["a"] * 100, horizon=500.0, lower_is_worse=False)
    groups = [None] * 3 + ["a", "b"] * 48 + ["a"]
    found = kaplan_meier(follow_up, groups)
    assert [curve.group for curve in found.curves] == ["a", "b"]
    assert (sum(curve.n for curve in found.curves), found.ungrouped) == (97, 3)
    assert 0.0 < found.logrank_p <= 1.0
    cuts = group_thresholds(x, follow_up, groups, horizon=500.0, lower_is_worse=False, draws=9)
    assert [cut.group for cut in cuts] == ["a", "b"]
    with pytest.raises(InputError, match="99 groups for 100 patients"):
        kaplan_meier(follow_up, groups[:-1])


def test_area_without_censoring_is_the_plain_one():
    x, _, _, time = simulated(300, 2.0)
    follow_up = FollowUp(time, np.ones(300, dtype=bool))
    (found,) = time_auc(x, follow_up, [700.0], draws=10)
    assert found.auc.value == pytest.approx(auc(x, time <= 700.0).value, abs=1e-12)


def test_an_area_of_few_cases_has_no_interval():
    event = np.zeros(30, dtype=bool)
    event[3] = True
    follow_up = FollowUp(np.arange(30.0) + 1.0, event)
    (found,) = time_auc(-np.arange(30.0), follow_up, [10.0], draws=100)
    assert (found.cases, found.controls) == (1, 20)
    assert 0.0 <= found.auc.value <= 1.0
    assert np.isnan(found.auc.low)
    assert np.isnan(found.auc.high)


def test_censoring_does_not_bias_the_area():
    whole, censored = [], []
    for seed in range(30):
        x, days, event, time = simulated(400, 2.5, seed=seed, censoring=1500.0)
        whole.append(auc(x, time <= 600.0).value)
        (one,) = time_auc(x, FollowUp(days, event), [600.0], draws=1)
        censored.append(one.auc.value)
    assert np.mean(censored) == pytest.approx(np.mean(whole), abs=0.01)


def test_each_group_gets_its_own_threshold():
    draw = np.random.default_rng(9)
    ffr = draw.uniform(0.6, 1.0, 1200)
    women = np.arange(1200) % 2 == 0
    ill = ffr < np.where(women, 0.75, 0.85)
    days = np.where(ill, draw.exponential(100.0, 1200), draw.exponential(20000.0, 1200)) + 1.0
    follow_up = FollowUp(np.minimum(days, 1500.0), days <= 1500.0)
    groups = ["female" if one else "male" for one in women]
    female, male = group_thresholds(
        ffr, follow_up, groups, horizon=1000.0, lower_is_worse=True, draws=100
    )
    assert female.threshold.value == pytest.approx(0.75, abs=0.02)
    assert male.threshold.value == pytest.approx(0.85, abs=0.02)
    assert female.threshold.low <= female.threshold.value <= female.threshold.high


def test_a_group_with_few_events_gets_no_threshold():
    x, days, event, _ = simulated(100, 2.0)
    groups = ["rare"] * 8 + ["common"] * 92
    found = group_thresholds(
        x, FollowUp(days, event), groups, horizon=500.0, lower_is_worse=False, draws=20
    )
    rare = next(one for one in found if one.group == "rare")
    assert rare.threshold is None
    assert "Fewer than" in rare.note


def test_follow_up_that_cannot_be_is_refused():
    table = make_patients({"days": [10.0, -1.0], "event": [1, 0]})
    with pytest.raises(InputError, match="patient 2"):
        FollowUp.of(table)
    with pytest.raises(InputError, match="1 \\(event\\) or 0"):
        FollowUp.of(make_patients({"days": [10.0], "event": [2]}))
    with pytest.raises(InputError, match="horizon"):
        time_auc(np.arange(3.0), FollowUp(np.ones(3), np.ones(3, dtype=bool)), [99.0])
