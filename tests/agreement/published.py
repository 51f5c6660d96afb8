"""Two-by-two tables of published studies with what they print; sources in docs/compare.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from corohemo.agreement import Confusion

CP, WALD, MERCALDO = "clopper-pearson", "wald", "mercaldo"


@dataclass(frozen=True)
class Study:
    """Counts, printed rates [%], and per rate the style and ends of the printed interval [%]."""

    name: str
    table: Confusion
    rates: Mapping[str, float]
    intervals: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    digits: int = 1


def rates(sensitivity, specificity, ppv=None, npv=None, accuracy=None):
    values = {
        "sensitivity": sensitivity, "specificity": specificity, "ppv": ppv, "npv": npv,
        "accuracy": accuracy,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


PUBLISHED = (
    Study(
        "Ai 2020, caIMR",
        Confusion(31, 4, 17, 5),
        rates(86.1, 81.0, 88.6, 77.3, 84.2),
        {
            "sensitivity": (CP, 70.5, 95.3),
            "specificity": (CP, 58.1, 94.6),
            "accuracy": (CP, 72.1, 92.5),
            "ppv": (MERCALDO, 76.1, 95.0),
            "npv": (MERCALDO, 59.5, 88.7),
        },
    ),
    Study(
        "Coenen 2014",
        Confusion(70, 38, 71, 10),
        rates(87.5, 65.1, accuracy=74.6),
        {
            "sensitivity": (CP, 78.2, 93.8),
            "specificity": (CP, 55.4, 74.0),
            "accuracy": (WALD, 68.4, 80.8),
        },
    ),
    Study(
        "Coenen 2016",
        Confusion(79, 40, 73, 11),
        rates(88, 65, accuracy=75),
        {
            "sensitivity": (CP, 79, 94),
            "specificity": (CP, 55, 73),
            "accuracy": (WALD, 69, 81),
        },
        digits=0,
    ),
    Study(
        "Deng 2026, IMR_CT, vessels",
        Confusion(59, 25, 118, 14),
        rates(80.8, 82.5, 70.2, 89.4, 81.9),
        {
            "sensitivity": (CP, 69.9, 89.1),
            "specificity": (CP, 75.3, 88.4),
            "accuracy": (CP, 76.2, 86.8),
        },
    ),
    Study(
        "Deng 2026, IMR_CT, patients",
        Confusion(53, 22, 89, 12),
        rates(81.5, 80.2, accuracy=80.7),
        {
            "sensitivity": (CP, 70.0, 90.1),
            "specificity": (CP, 71.5, 87.1),
            "accuracy": (CP, 74.1, 86.2),
        },
    ),
    Study(
        "CAST-FFR, vessels", Confusion(17, 8, 29, 6), rates(73.9, 78.4, 68.0, 82.9, 76.7)
    ),
    Study(
        "CAST-FFR, patients", Confusion(13, 5, 17, 4), rates(76.5, 77.3, 72.2, 81.0, 76.9)
    ),
    Study("Yang 2019", Confusion(52, 6, 51, 16), rates(76.5, 89.5, 89.7, 76.1)),
    Study(
        "Xu 2015, vessels", Confusion(256, 165, 576, 53), rates(82.8, 77.7, 60.8, 91.6, 79.2)
    ),
    Study(
        "Xu 2015, patients", Confusion(235, 102, 244, 28), rates(89.4, 70.5, 69.7, 89.7, 78.7)
    ),
    Study(
        "Carson, FFR-1D",
        Confusion(15, 10, 35, 6),
        rates(71.43, 77.78, 60.0, 85.37, 75.76),
        digits=2,
    ),
    Study("NXT, 320 rows", Confusion(22, 12, 46, 2), rates(92, 79, 65, 96, 83), digits=0),
    Study("Coenen 2017, MBF", Confusion(36, 10, 36, 12), rates(75, 78, 78, 75, 77), digits=0),
    Study("Coenen 2017, TPR", Confusion(31, 11, 35, 17), rates(65, 76, 74, 67, 70), digits=0),
)  # fmt: skip
