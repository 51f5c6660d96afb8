r"""Two-by-two tables: sensitivity, specificity, predictive values, accuracy, McNemar.

Positive is disease. The intervals of the predictive values are Mercaldo's on the logit scale,

    SE(logit PPV)^2 = (1 - se) / (se n1) + sp / ((1 - sp) n0)
    SE(logit NPV)^2 = se / ((1 - se) n1) + (1 - sp) / (sp n0),

which take the prevalence of the table as given.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from corohemo.agreement.intervals import Estimate, logit_interval, proportion
from corohemo.errors import InputError

BoolArray = NDArray[np.bool_]
PREDICTIVE = ("mercaldo", "clopper-pearson", "wilson", "wald")


@dataclass(frozen=True)
class Confusion:
    """Counts of a test against a reference.

    Attributes:
        tp: Both positive.
        fp: Test positive, reference negative.
        tn: Both negative.
        fn: Test negative, reference positive.
    """

    tp: int
    fp: int
    tn: int
    fn: int

    @classmethod
    def of(cls, test: BoolArray, reference: BoolArray) -> Confusion:
        """Counts of two series of verdicts (n,)."""
        return cls(
            tp=int(np.sum(test & reference)),
            fp=int(np.sum(test & ~reference)),
            tn=int(np.sum(~test & ~reference)),
            fn=int(np.sum(~test & reference)),
        )

    @property
    def n(self) -> int:
        """All of them."""
        return self.tp + self.fp + self.tn + self.fn

    def sensitivity(self, *, method: str = "clopper-pearson", level: float = 0.95) -> Estimate:
        """Part of the diseased that the test finds."""
        return proportion(self.tp, self.tp + self.fn, method=method, level=level)

    def specificity(self, *, method: str = "clopper-pearson", level: float = 0.95) -> Estimate:
        """Part of the healthy that the test clears."""
        return proportion(self.tn, self.tn + self.fp, method=method, level=level)

    def accuracy(self, *, method: str = "clopper-pearson", level: float = 0.95) -> Estimate:
        """Part of the verdicts that agree."""
        return proportion(self.tp + self.tn, self.n, method=method, level=level)

    def ppv(self, *, method: str = "mercaldo", level: float = 0.95) -> Estimate:
        """Part of the test's positives that are diseased."""
        return self._predictive(self.tp, self.tp + self.fp, True, method, level)

    def npv(self, *, method: str = "mercaldo", level: float = 0.95) -> Estimate:
        """Part of the test's negatives that are healthy."""
        return self._predictive(self.tn, self.tn + self.fn, False, method, level)

    def _predictive(self, k: int, n: int, positive: bool, method: str, level: float) -> Estimate:
        if method not in PREDICTIVE:
            raise InputError(f"method must be one of {', '.join(PREDICTIVE)}, not {method!r}.")
        if method != "mercaldo":
            return proportion(k, n, method=method, level=level)
        if min(self.tp + self.fn, self.tn + self.fp, n) == 0:
            return Estimate(k / n if n else nan, nan, nan, method)
        error = self._logit_error(positive)
        return logit_interval(k / n, error, level=level, method=method)

    def _logit_error(self, positive: bool) -> float:
        """Mercaldo's standard error; NaN where a cell is empty."""
        diseased, healthy = self.tp + self.fn, self.tn + self.fp
        se, sp = self.tp / diseased, self.tn / healthy
        if 0.0 in (se, sp) or 1.0 in (se, sp):
            return nan
        if positive:
            return sqrt((1.0 - se) / (se * diseased) + sp / ((1.0 - sp) * healthy))
        return sqrt(se / ((1.0 - se) * diseased) + (1.0 - sp) / (sp * healthy))


@dataclass(frozen=True)
class McNemar:
    """Whether one of two tests on the same subjects is right more often.

    Attributes:
        only_first: Subjects that only the first test gets right.
        only_second: Subjects that only the second test gets right.
        p_value: Exact binomial probability, two-sided.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first: BoolArray, second: BoolArray) -> McNemar:
    """Exact McNemar test of two paired series of "right" (n,).

    Give only the diseased to compare sensitivities, only the healthy for specificities.

    Reference:
        McNemar, Psychometrika 1947;12:153.
    """
    only_first = int(np.sum(first & ~second))
    only_second = int(np.sum(~first & second))
    discordant = only_first + only_second
    p_value = stats.binomtest(only_first, discordant).pvalue if discordant else 1.0
    return McNemar(only_first, only_second, float(p_value))
