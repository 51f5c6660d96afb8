"""Prognosis and risk in a cohort: survival, discrimination over time, thresholds, ischemia risk.

Kaplan-Meier, log-rank and Cox are lifelines', fitting and folds scikit-learn's; what neither has
(the area at a time under censoring, thresholds, decision curves) is here. Needs the extra "stats".
"""

from corohemo.prognosis.calibration import (
    Calibration,
    DecisionCurve,
    calibration,
    decision_curve,
)
from corohemo.prognosis.cox import CoxModel, Hazard, cox
from corohemo.prognosis.features import DICTIONARY, Feature
from corohemo.prognosis.risk_fit import fit_risk
from corohemo.prognosis.risk_model import RiskModel, described
from corohemo.prognosis.survival import (
    FollowUp,
    SurvivalComparison,
    SurvivalCurve,
    kaplan_meier,
)
from corohemo.prognosis.tables import PatientTable, make_patients, read_patients
from corohemo.prognosis.thresholds import GroupThreshold, group_thresholds
from corohemo.prognosis.time_roc import TimeAuc, time_auc
from corohemo.prognosis.validation import Validation, validate_blocks, validate_risk

__all__ = [
    "DICTIONARY",
    "Calibration",
    "CoxModel",
    "DecisionCurve",
    "Feature",
    "FollowUp",
    "GroupThreshold",
    "Hazard",
    "PatientTable",
    "RiskModel",
    "SurvivalComparison",
    "SurvivalCurve",
    "TimeAuc",
    "Validation",
    "calibration",
    "cox",
    "decision_curve",
    "described",
    "fit_risk",
    "group_thresholds",
    "kaplan_meier",
    "make_patients",
    "read_patients",
    "time_auc",
    "validate_blocks",
    "validate_risk",
]
