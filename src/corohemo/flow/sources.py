"""Flow sources that need no more than numbers: given, allometric, from perfusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from corohemo.checks import require_numbers
from corohemo.flow.estimate import FlowEstimate, by_outlet
from corohemo.lumen import Lumen
from corohemo.physiology import outlet_fractions
from corohemo.states import Rest, describe_defaults
from corohemo.units import ML_PER_MIN


@dataclass(frozen=True, kw_only=True)
class GivenFlow:
    """A flow that a person gives.

    Attributes:
        flow_ml_min: Total flow, split over the outlets as ``split`` says, or a flow per outlet.
        state: "resting" or "hyperemic".
        is_measured: Whether it was measured in this patient.
        relative_sd: Its relative standard deviation, if known [-].
        split: Person whose diameter exponent and way of splitting a total flow follows.
    """

    flow_ml_min: float | Mapping[str, float]
    state: str
    is_measured: bool = False
    relative_sd: float | None = None
    split: Rest = field(default_factory=Rest)

    def estimate(self, lumen: Lumen) -> FlowEstimate:
        """Flow of every outlet.

        Raises:
            ConfigError: If the total is not a positive number.
            InputError: If an outlet has no flow, or a flow no outlet or is not positive.
        """
        names = lumen.outlet_names
        notes: tuple[str, ...] = ()
        if isinstance(self.flow_ml_min, Mapping):
            flows = by_outlet(self.flow_ml_min, names, what="flow_ml_min")
        else:
            require_numbers(self, positive=("flow_ml_min",))
            flows = self.flow_ml_min * outlet_fractions(lumen, self.split)
            notes = (
                f"The flow is split by healthy outlet diameters to the power of "
                f"{self.split.diameter_exponent:g}.",
            )
        return FlowEstimate(
            source="prescribed",
            state=self.state,
            outlets=names,
            flows=flows * ML_PER_MIN,
            informative=self.is_measured,
            relative_sd=self.relative_sd,
            notes=notes,
        )


@dataclass(frozen=True)
class AllometricFlow:
    """Resting flow from the myocardial mass: a population's, not the patient's.

    Attributes:
        rest: Person and choices; every default is listed in the notes.
    """

    rest: Rest = field(default_factory=Rest)

    def estimate(self, lumen: Lumen) -> FlowEstimate:
        """Flow of every outlet at rest."""
        person = self.rest
        if person.name != "resting":
            person = Rest(**{key: getattr(person, key) for key in Rest.__dataclass_fields__})
        return FlowEstimate(
            source="allometric",
            state="resting",
            outlets=lumen.outlet_names,
            flows=person.resting_flow * outlet_fractions(lumen, person),
            informative=False,
            notes=tuple(row.sentence() for row in describe_defaults(person) if row.is_default),
        )


@dataclass(frozen=True, kw_only=True)
class PerfusionFlow:
    """Flow of each outlet's territory from a perfusion map.

    Attributes:
        flow_ml_min: Flow of each outlet's territory.
        state: "hyperemic" for a stress map, "resting" for a map at rest.
        relative_sd: Its relative standard deviation, if known [-].
        notes: What is to be known of the map.
    """

    flow_ml_min: Mapping[str, float]
    state: str
    relative_sd: float | None = None
    notes: tuple[str, ...] = ()

    def estimate(self, lumen: Lumen) -> FlowEstimate:
        """Flow of every outlet.

        Raises:
            InputError: If an outlet has no territory, or a flow is not positive.
        """
        flows = by_outlet(self.flow_ml_min, lumen.outlet_names, what="perfusion flow")
        return FlowEstimate(
            source="perfusion",
            state=self.state,
            outlets=lumen.outlet_names,
            flows=np.asarray(flows * ML_PER_MIN),
            informative=True,
            relative_sd=self.relative_sd,
            notes=self.notes,
        )
