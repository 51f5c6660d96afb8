"""Each statistic against scipy, statsmodels, scikit-learn, published examples, definitions."""

import numpy as np
import pytest
from scipy import stats

from corohemo.agreement import (
    Confusion,
    auc,
    bland_altman,
    compare_auc,
    delong,
    intraclass,
    mcnemar,
    passing_bablok,
    pearson,
    proportion,
    roc_curve,
    spearman,
)
from corohemo.agreement.bootstrap import (
    cluster_weights,
    weighted_auc,
    weighted_correlation,
    weighted_icc,
    weighted_ranks,
)
from corohemo.agreement.correlation import MeanSquares
from corohemo.errors import InputError

DRAW = np.random.default_rng(3)
N = 60
X = np.round(DRAW.normal(0.8, 0.1, N), 2)
Y = np.round(X + DRAW.normal(0.02, 0.06, N), 2)
DISEASE = X <= 0.8


def test_correlations_are_those_of_scipy():
    theirs = stats.pearsonr(X, Y)
    ours = pearson(X, Y)
    interval = theirs.confidence_interval(0.95)
    assert ours.value == pytest.approx(theirs.statistic, abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert spearman(X, Y).value == pytest.approx(stats.spearmanr(X, Y).statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("clopper-pearson", "beta"), ("wilson", "wilson"), ("wald", "normal")]
)
@pytest.mark.parametrize("counts", [(0, 7), (7, 7), (3, 11), (31, 36), (117, 216)])
def test_proportions_are_those_of_statsmodels(ours, theirs, counts):
    statsmodels = pytest.importorskip("statsmodels.stats.proportion")
    low, high = statsmodels.proportion_confint(*counts, alpha=0.05, method=theirs)
    mine = proportion(*counts, method=ours)
    assert (mine.low, mine.high) == pytest.approx((float(low), float(high)), abs=1e-10)


def test_mcnemar_is_that_of_statsmodels():
    contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
    first, second = DRAW.random((2, 80)) < np.array([[0.8], [0.6]])
    ours = mcnemar(first, second)
    table = [[0, ours.only_first], [ours.only_second, 0]]
    assert ours.p_value == pytest.approx(contingency.mcnemar(table, exact=True).pvalue, abs=1e-12)


def test_area_and_curve_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    assert auc(-Y, DISEASE).value == pytest.approx(metrics.roc_auc_score(DISEASE, -Y), abs=1e-12)
    false, true, thresholds = metrics.roc_curve(DISEASE, -Y, drop_intermediate=False)
    ours = roc_curve(-Y, DISEASE)
    np.testing.assert_allclose(ours.sensitivity, true, atol=1e-12)
    np.testing.assert_allclose(1.0 - ours.specificity, false, atol=1e-12)
    np.testing.assert_allclose(ours.thresholds[1:], thresholds[1:], atol=0)


def test_delong_covariance_is_that_of_its_definition():
    """Structural components by comparing every diseased with every healthy subject."""
    scores = np.stack([-Y, DRAW.normal(size=N) - X])
    areas, covariance = delong(scores, DISEASE)
    wins = [
        np.sign(s[DISEASE][:, None] - s[~DISEASE][None, :]) / 2.0 + 0.5 for s in scores
    ]  # fmt: skip
    np.testing.assert_allclose(areas, [w.mean() for w in wins], atol=1e-12)
    diseased = np.cov([w.mean(axis=1) for w in wins]) / DISEASE.sum()
    healthy = np.cov([w.mean(axis=0) for w in wins]) / (~DISEASE).sum()
    np.testing.assert_allclose(covariance, diseased + healthy, atol=1e-12)


def test_paired_areas_of_one_score_do_not_differ():
    same = compare_auc(-Y, -Y, DISEASE)
    assert same.difference.value == 0.0
    assert same.p_value == 1.0
    assert compare_auc(-Y, DRAW.normal(size=N), DISEASE).p_value < 0.01


def test_delong_intervals_cover_the_true_area():
    truth = stats.norm.cdf(1.0 / np.sqrt(2.0))
    draw = np.random.default_rng(11)
    disease = np.repeat([True, False], 60)
    hits = 0
    for _ in range(400):
        found = auc(draw.normal(size=120) + disease, disease)
        hits += found.low <= truth <= found.high
    assert stats.binomtest(hits, 400, 0.945).pvalue > 1e-3


def test_intraclass_is_that_of_shrout_and_fleiss():
    """The worked example of Shrout and Fleiss 1979: ICC(2,1) = .29, ICC(3,1) = .71."""
    ratings = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    ).astype(float)
    agreement, consistency = intraclass(ratings), intraclass(ratings, kind="consistency")
    assert round(agreement.value, 2) == 0.29
    assert round(consistency.value, 2) == 0.71
    assert (round(agreement.low, 2), round(agreement.high, 2)) == (0.02, 0.76)
    assert (round(consistency.low, 2), round(consistency.high, 2)) == (0.34, 0.95)


def test_mean_squares_are_those_of_an_analysis_of_variance():
    pandas = pytest.importorskip("pandas")
    formula = pytest.importorskip("statsmodels.formula.api")
    anova = pytest.importorskip("statsmodels.stats.anova")
    frame = pandas.DataFrame(
        {"value": np.concatenate([X, Y]), "who": [*range(N)] * 2, "how": [0] * N + [1] * N}
    )
    table = anova.anova_lm(formula.ols("value ~ C(who) + C(how)", frame).fit())
    ours = MeanSquares.of(np.column_stack([X, Y]))
    theirs = table["mean_sq"].to_numpy()
    np.testing.assert_allclose([ours.subjects, ours.methods, ours.error], theirs, rtol=1e-10)


def test_bland_altman_is_its_definition():
    found = bland_altman(Y, X)
    difference = Y - X
    assert found.bias.value == pytest.approx(difference.mean(), abs=1e-14)
    assert found.upper.value == pytest.approx(difference.mean() + 1.96 * difference.std(ddof=1))
    t = stats.ttest_1samp(difference, 0.0).confidence_interval(0.95)
    assert (found.bias.low, found.bias.high) == pytest.approx((t.low, t.high), abs=1e-12)
    width = (found.upper.high - found.upper.low) / 2.0 / stats.t.ppf(0.975, N - 1)
    assert width == pytest.approx(np.sqrt(3.0) * found.sd / np.sqrt(N), rel=0.02)


def test_proportional_bias_is_found_and_not_invented():
    x = np.linspace(0.5, 1.0, 200)
    noise = np.random.default_rng(2).normal(0.0, 0.01, 200)
    assert bland_altman(0.2 + 0.75 * x + noise, x).slope_p < 1e-6
    assert bland_altman(x + noise, x).slope_p > 0.01


def test_passing_bablok_finds_the_line_and_ignores_outliers():
    x = np.linspace(10.0, 40.0, 101)
    y = 3.0 + 1.2 * x
    y[::10] += 100.0
    found = passing_bablok(y, x)
    assert found.slope.value == pytest.approx(1.2, abs=0.02)
    exact = passing_bablok(3.0 + 1.2 * x, x)
    assert exact.slope.value == pytest.approx(1.2, abs=1e-12)
    assert exact.intercept.value == pytest.approx(3.0, abs=1e-10)


def test_passing_bablok_does_not_mind_which_method_comes_first():
    x, y = X[:59] + 1e-4 * DRAW.random(59), Y[:59] + 1e-4 * DRAW.random(59)
    forward, back = passing_bablok(y, x), passing_bablok(x, y)
    assert forward.slope.value * back.slope.value == pytest.approx(1.0, rel=1e-12)


def test_passing_bablok_sees_a_bend():
    x = np.linspace(0.0, 1.0, 150)
    noise = np.random.default_rng(5).normal(0.0, 0.01, 150)
    assert passing_bablok(x**2 + noise, x).linearity_p < 0.01
    assert passing_bablok(x + noise, x).linearity_p > 0.01


def test_screening_threshold_reaches_the_wanted_sensitivity():
    curve = roc_curve(-Y, DISEASE)
    place = curve.screening(0.9)
    assert curve.sensitivity[place] >= 0.9 > curve.sensitivity[place - 1]
    with pytest.raises(InputError, match="sensitivity"):
        curve.screening(1.5)


def test_empty_classes_give_nan_and_no_invention():
    nothing = Confusion(tp=0, fp=0, tn=5, fn=0)
    assert np.isnan(nothing.sensitivity().value)
    assert nothing.specificity().value == 1.0
    assert np.isnan(nothing.ppv().low)
    assert np.isnan(auc(-Y, np.ones(N, dtype=bool)).value)
    with pytest.raises(InputError):
        proportion(5, 3)


CLUSTERS = [f"p{i // 3}" for i in range(N)]


def test_weighted_statistics_are_those_of_repeated_samples():
    weights = cluster_weights(CLUSTERS, 6, seed=1)
    for row, w in enumerate(weights):
        index = np.repeat(np.arange(N), w.astype(int))
        x, y, disease = X[index], Y[index], DISEASE[index]
        draw = weights[row : row + 1]
        assert weighted_correlation(draw, X, Y)[0] == pytest.approx(pearson(x, y).value, abs=1e-10)
        ranks = weighted_correlation(draw, weighted_ranks(draw, X), weighted_ranks(draw, Y))[0]
        assert ranks == pytest.approx(spearman(x, y).value, abs=1e-10)
        assert weighted_auc(draw, -Y, DISEASE)[0] == pytest.approx(
            auc(-y, disease).value, abs=1e-10
        )
        icc = intraclass(np.column_stack([x, y])).value
        assert weighted_icc(draw, X, Y)[0] == pytest.approx(icc, abs=1e-10)


def test_a_patient_is_drawn_with_all_vessels_or_not_at_all():
    weights = cluster_weights(CLUSTERS, 50).reshape(50, N // 3, 3)
    assert np.all(weights == weights[:, :, :1])
    assert np.all(weights[0] == 1.0)
    assert np.all(weights.sum(axis=(1, 2)) == N)
