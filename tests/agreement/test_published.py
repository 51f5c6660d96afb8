"""Diagnostic tables of published studies, reproduced to the printed digit from their counts.

Counts, prints and which studies were read: ``docs/compare.md``.
"""

import numpy as np
import pytest

from corohemo.agreement import Confusion, bland_altman
from corohemo.agreement.correlation import fisher_interval

from .published import PUBLISHED


def printed(value, digits=1):
    return round(100.0 * value, digits)


@pytest.mark.parametrize("study", PUBLISHED, ids=lambda study: study.name)
def test_rates_are_the_printed_ones(study):
    for rate, value in study.rates.items():
        digits = study.digits
        own = 100.0 * getattr(study.table, rate)().value
        assert round(own, digits) == pytest.approx(value), f"{study.name}: {rate}"


@pytest.mark.parametrize(
    ("study", "rate"),
    [(study, rate) for study in PUBLISHED for rate in study.intervals],
    ids=lambda one: getattr(one, "name", one),
)
def test_intervals_are_the_printed_ones(study, rate):
    method, low, high = study.intervals[rate]
    own = getattr(study.table, rate)(method=method)
    assert (printed(own.low, study.digits), printed(own.high, study.digits)) == (low, high)


def test_limits_of_agreement_of_cast_ffr_follow_from_its_bias_and_deviation():
    """Vessels: bias 0.059, deviation 0.110, limits -0.16 to 0.27."""
    spread = np.random.default_rng(0).normal(size=60)
    spread = (spread - spread.mean()) / spread.std(ddof=1)
    found = bland_altman(0.8 + 0.059 + 0.110 * spread, np.full(60, 0.8))
    assert (round(found.lower.value, 2), round(found.upper.value, 2)) == (-0.16, 0.27)


def test_one_table_of_coenen_2016_gives_its_rates_and_intervals():
    """Rates in whole percents leave several tables of 90 ill and 113 healthy vessels."""
    study = next(one for one in PUBLISHED if one.name == "Coenen 2016")
    fit = [
        (tp, tn)
        for tp in range(91)
        for tn in range(114)
        if _prints(study, Confusion(tp, 113 - tn, tn, 90 - tp))
    ]
    assert fit == [(79, 73)]


def _prints(study, table):
    rates = all(
        printed(getattr(table, name)().value, 0) == value for name, value in study.rates.items()
    )
    return rates and all(
        (printed(own.low, 0), printed(own.high, 0)) == (low, high)
        for name, (method, low, high) in study.intervals.items()
        for own in [getattr(table, name)(method=method)]
    )


def test_discordance_of_deng_is_the_printed_one():
    table = next(study.table for study in PUBLISHED if study.name == "Deng 2026, IMR_CT, vessels")
    assert printed((table.fp + table.fn) / table.n) == 18.1


def test_interval_of_the_patient_level_correlation_of_deng_is_the_printed_one():
    own = fisher_interval(0.72, 176)
    assert (round(own.low, 2), round(own.high, 2)) == (0.64, 0.78)
