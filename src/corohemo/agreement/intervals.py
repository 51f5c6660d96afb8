"""An estimate with its confidence interval, and intervals of proportions."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, isnan, log, nan, sqrt

from scipy import stats

from corohemo.errors import InputError

METHODS = ("clopper-pearson", "wilson", "wald")


@dataclass(frozen=True)
class Estimate:
    """A number with its confidence interval; NaN where there is none.

    Attributes:
        value: The estimate.
        low: Lower end of the interval.
        high: Upper end of the interval.
        method: How the interval was made.
    """

    value: float
    low: float
    high: float
    method: str


def normal_quantile(level: float) -> float:
    """Quantile z of a two-sided interval of ``level``, 1.96 for 0.95."""
    return float(stats.norm.ppf(0.5 + 0.5 * level))


def proportion(
    successes: int, trials: int, *, method: str = "clopper-pearson", level: float = 0.95
) -> Estimate:
    """A proportion k / n.

    Args:
        successes: k.
        trials: n; without trials everything is NaN.
        method: "clopper-pearson" (exact), "wilson" (score), "wald" (normal, cut at 0 and 1).
        level: Confidence.

    Raises:
        InputError: If the counts are no counts or the method is unknown.

    Reference:
        Clopper, Pearson, Biometrika 1934;26:404; Wilson, J Am Stat Assoc 1927;22:209.
    """
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}, not {method!r}.")
    if not 0 <= successes <= trials:
        raise InputError(f"{successes} of {trials} is not a proportion.")
    if trials == 0:
        return Estimate(nan, nan, nan, method)
    value = successes / trials
    if method == "wald":
        reach = normal_quantile(level) * sqrt(value * (1.0 - value) / trials)
        return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0), method)
    kind = "exact" if method == "clopper-pearson" else "wilson"
    interval = stats.binomtest(successes, trials).proportion_ci(level, kind)
    return Estimate(value, float(interval.low), float(interval.high), method)


def logit_interval(value: float, error: float, *, level: float = 0.95, method: str) -> Estimate:
    """Interval of a proportion whose logit has standard error ``error``."""
    if isnan(value) or isnan(error) or not 0.0 < value < 1.0:
        return Estimate(value, nan, nan, method)
    reach = normal_quantile(level) * error
    middle = log(value / (1.0 - value))
    return Estimate(value, _expit(middle - reach), _expit(middle + reach), method)


def _expit(x: float) -> float:
    return 1.0 / (1.0 + exp(-x)) if x > -inf else 0.0
