"""Diagnostic tables of published studies, reproduced to the printed digit from their counts.

Counts, prints and which studies were read: ``docs/compare.md``.
"""

import pytest

from corohemo.agreement.correlation import fisher_interval

from .published import PUBLISHED


def printed(value):
    return round(100.0 * value, 1)


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
    assert (printed(own.low), printed(own.high)) == pytest.approx((low, high))


def test_discordance_of_deng_is_the_printed_one():
    table = next(study.table for study in PUBLISHED if study.name == "Deng 2026, IMR_CT, vessels")
    assert printed((table.fp + table.fn) / table.n) == 18.1


def test_interval_of_the_patient_level_correlation_of_deng_is_the_printed_one():
    own = fisher_interval(0.72, 176)
    assert (round(own.low, 2), round(own.high, 2)) == (0.64, 0.78)
