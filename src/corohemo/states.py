"""Rest and hyperemia as values: every setting with its default, unit, source and evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from corohemo.checks import require_between, require_choice, require_numbers
from corohemo.errors import ConfigError
from corohemo.units import ML_PER_MIN, MMHG

TREES = ("left", "right", "whole")
SPLITS = ("outlets", "bifurcations")
LIMITS = {
    "mean_aortic_pressure_mmhg": (1.0, 500.0),
    "myocardial_mass_g": (1.0, 5000.0),
    "reference_mass_g": (1.0, 5000.0),
    "reference_flow_ml_min_g": (0.001, 100.0),
    "mass_exponent": (0.0, 5.0),
    "diameter_exponent": (0.0, 10.0),
    "venous_pressure_mmhg": (-100.0, 300.0),
}
"""Ranges beyond which a number has another unit than its name says, or is a slip."""

READ = "read in a public source"
MEMORY = "from memory, unverified"
CHOICE = "choice of this package"


def _default(value: Any, *, unit: str, source: str, evidence: str) -> Any:
    """A dataclass field that knows its unit, its source and how well the source was read."""
    return field(default=value, metadata={"unit": unit, "source": source, "evidence": evidence})


@dataclass(frozen=True, kw_only=True)
class Rest:
    """A resting state; ``describe_defaults`` lists unit, source and evidence of each field.

    Attributes:
        mean_aortic_pressure_mmhg: Mean pressure at the ostium in this state.
        myocardial_mass_g: Left-ventricular mass; None when unknown, then the flow law is read at
            its reference mass and indices that need the mass are not computed.
        reference_flow_ml_min_g: Resting flow per gram at the reference mass.
        reference_mass_g: Mass at which the reference flow holds.
        mass_exponent: Exponent alpha of the flow-mass law.
        tree: Which coronary tree the lumen is: "left", "right" or "whole".
        left_share: Part of the heart's coronary flow that enters the left tree.
        tree_share: Part of the heart's coronary flow that enters this lumen, if known better than
            from ``tree`` (a single vessel, a right-dominant heart).
        diameter_exponent: Exponent n of the split over healthy outlet diameters.
        split: "outlets" splits over all outlets at once; "bifurcations" one after the other, by the
            daughters' diameters, which minds missing distal branches less.
        venous_pressure_mmhg: Pressure behind the microcirculation.
    """

    mean_aortic_pressure_mmhg: float = _default(
        93.0,
        unit="mmHg",
        source="cuff 120/80 mmHg, MAP = diastolic + one third of the pulse pressure",
        evidence=MEMORY,
    )
    myocardial_mass_g: float | None = _default(
        None,
        unit="g",
        source="the flow law is read at its reference mass",
        evidence=CHOICE,
    )
    reference_flow_ml_min_g: float = _default(
        0.8,
        unit="mL/min/g",
        source="within 0.7-1.0 mL/min/g of resting PET flow (Camici, N Engl J Med 2007); gives "
        "100 mL/min at 125 g, which is low to normal",
        evidence=MEMORY,
    )
    reference_mass_g: float = _default(
        125.0,
        unit="g",
        source="anchor of the flow law, a normal left-ventricular mass",
        evidence=CHOICE,
    )
    mass_exponent: float = _default(
        0.75,
        unit="-",
        source="allometric flow ~ mass^3/4 (Choy and Kassab, J Appl Physiol 2008; used by Taylor, "
        "J Am Coll Cardiol 2013;61:2233)",
        evidence=MEMORY,
    )
    tree: str = _default(
        "left",
        unit="-",
        source="assumed unless told: a single tree must not get the whole heart's flow",
        evidence=CHOICE,
    )
    left_share: float = _default(
        0.60,
        unit="-",
        source="left : right = 60 : 40 (SimVascular coronary project documentation)",
        evidence=READ,
    )
    tree_share: float | None = _default(
        None,
        unit="-",
        source="follows from tree and left_share",
        evidence=CHOICE,
    )
    diameter_exponent: float = _default(
        2.6,
        unit="-",
        source="coronary exponent of SimVascular's coronary project, after Zhou, Kassab, Molloi, "
        "Phys Med Biol 1999; 2.0-3.0 in use, 2.15-2.38 fitted to invasive flow (Taylor DJ, "
        "Front Physiol 2022;13:871912)",
        evidence=READ,
    )
    split: str = _default(
        "outlets",
        unit="-",
        source="all outlets at once, as in SimVascular's coronary project",
        evidence=READ,
    )
    venous_pressure_mmhg: float = _default(
        0.0,
        unit="mmHg",
        source="zero-flow pressure of SimVascular's coronary project; right-atrial 5 mmHg in "
        "other work",
        evidence=READ,
    )

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "mean_aortic_pressure_mmhg",
                "reference_flow_ml_min_g",
                "reference_mass_g",
                "mass_exponent",
                "diameter_exponent",
                "left_share",
            ),
            finite=("venous_pressure_mmhg",),
        )
        optional = ("myocardial_mass_g", "tree_share")
        require_numbers(
            self, positive=[name for name in optional if getattr(self, name) is not None]
        )
        require_between(self, LIMITS)
        require_choice(self, "tree", TREES)
        require_choice(self, "split", SPLITS)
        for name in ("left_share", "tree_share"):
            if (getattr(self, name) or 0.0) > 1.0:
                raise ConfigError(
                    f"{type(self).__name__}.{name} is a part of the heart's flow and cannot exceed "
                    f"1, got {getattr(self, name)!r}.",
                    field=name,
                )
        if self.venous_pressure_mmhg >= self.mean_aortic_pressure_mmhg:
            raise ConfigError(
                f"{type(self).__name__}.venous_pressure_mmhg ({self.venous_pressure_mmhg:g}) must "
                f"be below mean_aortic_pressure_mmhg ({self.mean_aortic_pressure_mmhg:g}).",
                field="venous_pressure_mmhg",
            )

    @property
    def name(self) -> str:
        """Name of the state in results."""
        return "resting"

    @property
    def share(self) -> float:
        """Part of the heart's coronary flow that enters this lumen [-]."""
        if self.tree_share is not None:
            return self.tree_share
        return {"left": self.left_share, "right": 1.0 - self.left_share}.get(self.tree, 1.0)

    @property
    def whole_heart_resting_flow(self) -> float:
        """Resting coronary flow of the whole heart by allometry [m3/s]."""
        mass = self.myocardial_mass_g or self.reference_mass_g
        ratio = float((mass / self.reference_mass_g) ** self.mass_exponent)
        return self.reference_flow_ml_min_g * self.reference_mass_g * ratio * ML_PER_MIN

    @property
    def resting_flow(self) -> float:
        """Resting flow into this lumen [m3/s]."""
        return self.share * self.whole_heart_resting_flow

    @property
    def total_resistance(self) -> float:
        """Microvascular resistance of the whole lumen in this state [Pa s/m3]."""
        driving = self.mean_aortic_pressure_mmhg - self.venous_pressure_mmhg
        return driving * MMHG / self.resting_flow


@dataclass(frozen=True, kw_only=True)
class Hyperemia(Rest):
    """Maximal hyperemia: the resting bed with its resistance times the index (TCRI).

    Attributes:
        total_coronary_resistance_index: Hyperemic over resting p / Q.
        resting_mean_aortic_pressure_mmhg: Mean aortic pressure at rest, which sets the resting
            resistance; None when it is that of hyperemia.
    """

    total_coronary_resistance_index: float = _default(
        0.24,
        unit="-",
        source="intravenous adenosine 140 ug/kg/min (Wilson, Circulation 1990;82:1595), used by "
        "Taylor 2013; 0.21 elsewhere; measured responses are often weaker (mean CFR 2.2-2.9)",
        evidence=MEMORY,
    )
    resting_mean_aortic_pressure_mmhg: float | None = _default(
        None,
        unit="mmHg",
        source="equal to the hyperemic one (adenosine lowers it by a few mmHg)",
        evidence=CHOICE,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_numbers(self, positive=("total_coronary_resistance_index",))
        if self.total_coronary_resistance_index > 1.0:
            raise ConfigError(
                "Hyperemia.total_coronary_resistance_index is hyperemic over resting resistance "
                f"and cannot exceed 1, got {self.total_coronary_resistance_index!r}.",
                field="total_coronary_resistance_index",
            )

    @property
    def name(self) -> str:
        """Name of the state in results."""
        return "hyperemic"

    @property
    def total_resistance(self) -> float:
        """Microvascular resistance of the whole lumen in this state [Pa s/m3]."""
        return self.total_coronary_resistance_index * self.at_rest().total_resistance

    def at_rest(self) -> Rest:
        """The same person and choices at rest."""
        settings = {item.name: getattr(self, item.name) for item in fields(Rest)}
        if self.resting_mean_aortic_pressure_mmhg is not None:
            settings["mean_aortic_pressure_mmhg"] = self.resting_mean_aortic_pressure_mmhg
        return Rest(**settings)


class SettingRow(NamedTuple):
    """One physiological setting, for people to read."""

    name: str
    value: float | str | None
    unit: str
    source: str
    evidence: str
    is_default: bool

    def sentence(self) -> str:
        """The setting in one line."""
        unit = "" if self.unit == "-" or self.value is None else f" {self.unit}"
        value = "not given" if self.value is None else f"= {self.value}{unit}"
        return f"{self.name} {value}: {self.source} ({self.evidence})."


def describe_defaults(state: Rest) -> tuple[SettingRow, ...]:
    """Every setting of ``state`` with its unit and where it comes from.

    The source of a setting that was given is "given"; that of a default is its literature, with the
    evidence saying whether that was read or is from memory.
    """
    rows = []
    for item in fields(state):
        value = getattr(state, item.name)
        is_default = value == item.default
        source = str(item.metadata["source"]) if is_default else "given"
        evidence = str(item.metadata["evidence"]) if is_default else "given"
        unit = str(item.metadata["unit"])
        rows.append(SettingRow(item.name, value, unit, source, evidence, is_default))
    return tuple(rows)
