"""Agreement of computed indices with the pressure wire and thermodilution.

``read_vessels`` and ``make_pairs`` bring computed and measured values together, ``compare``
computes correlation, Bland-Altman, ICC, Passing-Bablok, ROC, verdicts, subgroups with intervals,
and ``write_comparison`` writes them with figures. Each method is a function of arrays, too.
"""

from corohemo.agreement.bootstrap import cluster_weights, resampled
from corohemo.agreement.compare import CompareOptions, compare
from corohemo.agreement.confusion import Confusion, McNemar, mcnemar
from corohemo.agreement.correlation import intraclass, pearson, spearman
from corohemo.agreement.differences import (
    BlandAltman,
    PassingBablok,
    bland_altman,
    passing_bablok,
)
from corohemo.agreement.folder import write_comparison
from corohemo.agreement.intervals import Estimate, proportion
from corohemo.agreement.pairs import Pairs, make_pairs, read_vessels
from corohemo.agreement.quantities import QUANTITIES, Quantity
from corohemo.agreement.roc import AucDifference, RocCurve, auc, compare_auc, delong, roc_curve

__all__ = [
    "QUANTITIES",
    "AucDifference",
    "BlandAltman",
    "CompareOptions",
    "Confusion",
    "Estimate",
    "McNemar",
    "Pairs",
    "PassingBablok",
    "Quantity",
    "RocCurve",
    "auc",
    "bland_altman",
    "cluster_weights",
    "compare",
    "compare_auc",
    "delong",
    "intraclass",
    "make_pairs",
    "mcnemar",
    "passing_bablok",
    "pearson",
    "proportion",
    "read_vessels",
    "resampled",
    "roc_curve",
    "spearman",
    "write_comparison",
]
