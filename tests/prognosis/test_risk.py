"""The risk model: scikit-learn's fit, honest folds, calibration, refusals."""

import json

import numpy as np
import pytest

from corohemo.errors import ConfigError, CorohemoError, FileFormatError, InputError
from corohemo.prognosis import (
    RiskModel,
    calibration,
    decision_curve,
    described,
    fit_risk,
    make_patients,
    validate_blocks,
    validate_risk,
)
from corohemo.prognosis.features import feature_values, features_named
from corohemo.prognosis.risk_fit import held_out
from corohemo.prognosis.tables import read_patients
from corohemo.prognosis.training import TrainingSet

pytest.importorskip("sklearn")
pytestmark = pytest.mark.filterwarnings("default")
FEATURES = ("percent_diameter_stenosis", "ffr_ct", "napkin_ring")


def patients(n=300, *, seed=1, signal=True, per_patient=2):
    """Vessels whose risk follows stenosis and FFR; two of each patient."""
    draw = np.random.default_rng(seed)
    stenosis = draw.uniform(10.0, 90.0, n)
    ffr = np.clip(1.0 - 0.004 * stenosis + draw.normal(0.0, 0.08, n), 0.3, 1.0)
    ring = (draw.random(n) < 0.2).astype(float)
    logit = 0.03 * (stenosis - 50.0) - 12.0 * (ffr - 0.8) + 0.8 * ring if signal else np.zeros(n)
    ill = draw.random(n) < 1.0 / (1.0 + np.exp(-logit))
    return make_patients(
        {
            "case_id": [f"p{i // per_patient}" for i in range(n)],
            "percent_diameter_stenosis": list(stenosis),
            "ffr_ct": list(ffr),
            "napkin_ring": ["yes" if one else "no" for one in ring],
            "ischemia": [int(one) for one in ill],
        }
    )


@pytest.fixture(scope="module")
def table():
    return patients()


@pytest.fixture(scope="module")
def model(table):
    return fit_risk(table, FEATURES, outcome="ischemia")


def test_probabilities_are_those_of_scikit_learn(table, model):
    linear = pytest.importorskip("sklearn.linear_model")
    values = feature_values(table, features_named(FEATURES))
    scaled = (values - np.median(values, axis=0)) / values.std(axis=0)
    theirs = linear.LogisticRegression(C=model.penalty, max_iter=2000).fit(
        scaled, table.numbers("ischemia")
    )
    expected = theirs.predict_proba(scaled)[:, 1]
    np.testing.assert_allclose(model.probability(table), expected, atol=1e-10)


def test_signs_are_those_of_the_disease(model):
    odds = {row["feature"]: row["odds_ratio_per_sd"] for row in described(model)}
    assert odds["ffr_ct"] < 0.7
    assert odds["percent_diameter_stenosis"] > 1.1


def test_outside_of_its_training_range_it_refuses(table, model):
    row = {name: [table.rows[0][name]] for name in table.columns}
    with pytest.raises(InputError, match=r"ffr_ct is 0\.1, outside the training range"):
        model.probability(make_patients(row | {"ffr_ct": [0.1]}))
    with pytest.raises(InputError, match="missing, which it never was in training"):
        model.probability(make_patients(row | {"ffr_ct": [None]}))
    with pytest.raises(InputError, match="check its unit"):
        model.probability(make_patients(row | {"ffr_ct": [80.0]}))


def test_the_model_is_kept_as_json_and_comes_back(table, model, tmp_path):
    path = tmp_path / "model.json"
    model.write(path)
    again = RiskModel.read(path)
    np.testing.assert_array_equal(again.probability(table), model.probability(table))
    assert json.loads(path.read_text())["features"] == list(FEATURES)
    document = json.loads(path.read_text())
    for wrong, said in (
        ({}, "lacks 'kind'"),
        ({"kind": "x"}, "kind is 'x'"),
        (document | {"scale": [1.0]}, "1 values for 3 features"),
        (document | {"low": [None, 0.0, 0.0]}, "low holds a value that is no number"),
        (document | {"features": ["a", "b", "c"]}, "not in the data dictionary"),
        ([], "not a risk model"),
    ):
        path.write_text(json.dumps(wrong))
        with pytest.raises(FileFormatError, match=said):
            RiskModel.read(path)


def test_gaps_in_training_are_allowed_in_use(table):
    draw = np.random.default_rng(0)
    ffr = [None if draw.random() < 0.2 else v for v in table.numbers("ffr_ct")]
    columns = {name: [row[name] for row in table.rows] for name in table.columns}
    gappy = make_patients(columns | {"ffr_ct": ffr})
    model = fit_risk(gappy, FEATURES, outcome="ischemia")
    probability = model.probability(gappy)
    assert np.isfinite(probability).all()
    assert np.isfinite(model.missing_coefficients[1])


def test_nested_folds_find_the_signal_and_calibrate(table):
    found = validate_risk(table, FEATURES, outcome="ischemia")
    assert np.isfinite(found.probability).all()
    assert found.auc.low > 0.7
    assert found.calibration.slope.low < 1.0 < found.calibration.slope.high
    assert found.calibration.intercept.low < 0.0 < found.calibration.intercept.high
    assert found.outside.sum() < 0.05 * len(table)


@pytest.mark.parametrize("inner", [False, True])
def test_a_row_says_nothing_about_others_of_its_fold(inner):
    """Medians, scales, gaps and penalties must come from the other folds alone."""
    first = patients(120, seed=6)
    columns = {name: [row[name] for row in first.rows] for name in first.columns}
    changed = columns | {"ffr_ct": [None, 0.01, *columns["ffr_ct"][2:]]}
    tables = (first, make_patients(changed))
    sets = [TrainingSet.of(one, FEATURES, outcome="ischemia", patient="case_id") for one in tables]
    selection = pytest.importorskip("sklearn.model_selection")
    folds = selection.StratifiedGroupKFold(5, shuffle=True, random_state=20260101)
    split = folds.split(sets[0].values, sets[0].disease, groups=sets[0].patients)
    fold = next(test for _, test in split if 0 in test)
    same = fold[fold > 1]
    if inner:
        one, other = (held_out(rows, seed=20260101) for rows in sets)
    else:
        one, other = (
            validate_risk(table, FEATURES, outcome="ischemia").probability[None] for table in tables
        )
    np.testing.assert_array_equal(one[:, same], other[:, same])
    assert np.abs(one[:, 0] - other[:, 0]).min() > 0.0


def test_rows_that_a_model_would_refuse_are_counted():
    table = patients(200, seed=8)
    columns = {name: [row[name] for row in table.rows] for name in table.columns}
    columns["ffr_ct"][17] = 0.02
    found = validate_risk(make_patients(columns), FEATURES, outcome="ischemia")
    assert found.outside[17]


def test_nested_folds_find_nothing_where_nothing_is():
    """Patients whose rows repeat would leak through folds that split them."""
    one = patients(160, seed=3, signal=False, per_patient=1)
    rows = [row for row in one.rows for _ in range(4)]
    copies = make_patients({name: [row[name] for row in rows] for name in one.columns})
    found = validate_risk(copies, FEATURES, outcome="ischemia")
    assert found.auc.value == pytest.approx(0.5, abs=0.12)


def test_blocks_are_added_one_by_one(table):
    found = validate_blocks(table, FEATURES, outcome="ischemia")
    assert list(found) == ["stenosis", "stenosis + plaque", "stenosis + plaque + hemodynamics"]
    first, second, third = found.values()
    assert first.gain is None
    assert third.gain.value == pytest.approx(third.auc.value - second.auc.value, abs=1e-12)
    assert third.gain.low > 0.0
    assert third.gain.high - third.gain.low < third.auc.high - second.auc.low


def test_calibration_is_a_logistic_regression():
    statsmodels = pytest.importorskip("statsmodels.api")
    draw = np.random.default_rng(5)
    probability = draw.uniform(0.05, 0.95, 500)
    ill = draw.random(500) < probability**1.5
    logit = np.log(probability / (1.0 - probability))
    theirs = statsmodels.Logit(ill.astype(float), statsmodels.add_constant(logit)).fit(disp=0)
    ours = calibration(probability, ill)
    assert ours.slope.value == pytest.approx(theirs.params[1], rel=1e-6)
    assert ours.brier == pytest.approx(np.mean((probability - ill) ** 2))
    shift = statsmodels.GLM(
        ill.astype(float), np.ones(500), family=statsmodels.families.Binomial(), offset=logit
    ).fit()
    assert ours.intercept.value == pytest.approx(shift.params[0], abs=1e-8)


def test_the_level_is_that_of_the_observed_parts_too():
    draw = np.random.default_rng(5)
    probability = draw.uniform(0.05, 0.95, 200)
    ill = draw.random(200) < probability
    narrow, wide = (calibration(probability, ill, level=p).observed for p in (0.5, 0.95))
    assert all(a.low > b.low and a.high < b.high for a, b in zip(narrow, wide, strict=True))


def test_intervals_of_calibration_are_the_robust_ones_of_statsmodels():
    statsmodels = pytest.importorskip("statsmodels.api")
    draw = np.random.default_rng(7)
    owners = np.repeat(np.arange(100), 4)
    probability = draw.uniform(0.05, 0.95, 400)
    ill = draw.random(400) < probability
    logit = np.log(probability / (1.0 - probability))
    theirs = statsmodels.Logit(ill.astype(float), statsmodels.add_constant(logit)).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": owners, "use_correction": False}
    )
    ours = calibration(probability, ill, clusters=owners.astype(str)).slope
    half = 1.959963984540054 * theirs.bse[1] * np.sqrt(100 / 99)
    assert (ours.high - ours.low) / 2 == pytest.approx(half, rel=1e-6)


def test_predictions_that_separate_have_no_calibration_slope():
    ill = np.arange(40) >= 20
    assert np.isnan(calibration(np.where(ill, 0.9, 0.1), ill).slope.value)


def test_a_perfect_model_has_the_greatest_net_benefit():
    ill = np.arange(100) < 30
    perfect = decision_curve(ill.astype(float), ill)
    np.testing.assert_allclose(perfect.model, 0.3, atol=1e-12)
    assert np.all(perfect.model >= perfect.treat_all - 1e-12)
    everybody = decision_curve(np.ones(100), ill)
    np.testing.assert_allclose(everybody.model, everybody.treat_all, atol=1e-12)


def test_what_cannot_be_modelled_is_refused(table):
    with pytest.raises(ConfigError, match=r"did you mean ffr_ct\?"):
        fit_risk(table, ("ffr_cto",), outcome="ischemia")
    with pytest.raises(InputError, match="no column case"):
        fit_risk(table, FEATURES, outcome="ischemia", patient="case")
    few = make_patients({name: [r[name] for r in table.rows[:20]] for name in table.columns})
    with pytest.raises(InputError, match="at the least"):
        fit_risk(few, FEATURES, outcome="ischemia")
    with pytest.raises(ConfigError, match="named twice"):
        fit_risk(table, ("ffr_ct", "ffr_ct"), outcome="ischemia")
    with pytest.raises(ConfigError, match="Name features"):
        fit_risk(table, (), outcome="ischemia")


def test_rows_must_belong_to_enough_patients(table):
    columns = {name: [row[name] for row in table.rows] for name in table.columns}
    two = make_patients(columns | {"case_id": ["a", "b"] * 150})
    with pytest.raises(InputError, match="are of 2 patients"):
        fit_risk(two, FEATURES, outcome="ischemia")
    nobody = make_patients(columns | {"case_id": [*columns["case_id"][:-1], None]})
    with pytest.raises(InputError, match="Row 301: case_id is empty"):
        fit_risk(nobody, FEATURES, outcome="ischemia")


def test_rows_of_a_file_are_named_by_their_lines(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("case_id,ffr_ct\n\na,0.8\n\nb,high\n")
    with pytest.raises(InputError, match="Row 5: ffr_ct is 'high'"):
        read_patients(path).numbers("ffr_ct")


def test_signs_are_yes_or_no(table):
    columns = {name: [row[name] for row in table.rows] for name in table.columns}
    half = make_patients(columns | {"napkin_ring": [0.5, *columns["napkin_ring"][1:]]})
    with pytest.raises(InputError, match=r"Row 2: napkin_ring is 0\.5, neither yes"):
        fit_risk(half, FEATURES, outcome="ischemia")


def test_a_missing_package_is_named_with_its_extra(table, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(CorohemoError, match=r"corohemo\[stats\]"):
        fit_risk(table, FEATURES, outcome="ischemia")
