"""What the virtual thermodilution reads, beside the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.units import ML_PER_MIN, MM, WOOD_UNIT

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class BolusPassage:
    """One bolus.

    Attributes:
        times: Middle of each time step (n,) [s].
        inlet: Saline fraction at the ostium (n,) [-].
        sensor: Saline fraction at the wire (n,) [-].
        transit_time: Mean time at the wire less mean time at the ostium [s].
        volume_over_flow: Sum of volume over flow on the way [s].
        axis_transit_time: In 3-D, the transit time on the vessel's axis [s].
        outlet_transit_time: In 3-D, the mean over what leaves through all outlets, which is the
            volume of the mesh over its flow [s].
        overshoot: How far the saline fraction anywhere leaves the range from zero to the largest at
            the ostium, over that; the 1-D scheme keeps to it.
    """

    times: FloatArray
    inlet: FloatArray
    sensor: FloatArray
    transit_time: float
    volume_over_flow: float
    axis_transit_time: float | None = None
    outlet_transit_time: float | None = None
    overshoot: float = 0.0


@dataclass(frozen=True)
class Infusion:
    """One continuous infusion.

    Attributes:
        temperature_ratio: Mixture's over infusate's temperature difference to the blood [-].
        flow: Flow that the measurement's equation gives [m3/s].
        true_flow: Flow at the catheter's tip, infusate included [m3/s].
        resistance: Distal pressure over the measured flow [Pa s/m3].
    """

    temperature_ratio: float
    flow: float
    true_flow: float
    resistance: float


@dataclass(frozen=True)
class Thermodilution:
    """What would be measured in one vessel, beside the truth.

    Attributes:
        vessel: Name of the outlet.
        wire: Path length of the sensor, the vessel's end if that comes first [m].
        volume: Of the lumen from the ostium to the wire [m3].
        distal_pressure: Hyperemic pressure at the wire [Pa].
        bolus: Hyperemic bolus.
        resting_bolus: Bolus at rest; None without a resting flow.
        infusion: Hyperemic infusion.
        resting_infusion: Infusion at rest; None without a resting flow.
        imr_u: Bolus IMR [U].
        true_flow: Hyperemic flow at the wire [m3/s].
        true_resistance: (P_d - P_v) / Q at the wire, with P_v = 0 where the boundaries know no
            venous pressure [Pa s/m3].
        bolus_cfr: T_rest / T_hyp [-]; None without a resting flow.
        infusion_cfr: Ratio of the flows measured by infusion [-]; None without a resting flow.
        true_cfr: Ratio of the flows at the wire [-]; None without a resting flow.
    """

    vessel: str
    wire: float
    volume: float
    distal_pressure: float
    bolus: BolusPassage
    resting_bolus: BolusPassage | None
    infusion: Infusion
    resting_infusion: Infusion | None
    imr_u: float
    true_flow: float
    true_resistance: float
    bolus_cfr: float | None
    infusion_cfr: float | None
    true_cfr: float | None

    @property
    def bolus_resistance(self) -> float:
        """P_d T_mn over the volume before the wire, which no wire knows [Pa s/m3].

        The bolus IMR in the unit of a resistance: P_d / Q where no branch leaves on the way.
        """
        return self.distal_pressure * self.bolus.transit_time / self.volume

    def summary(self) -> str:
        """The measurements and the truth as text."""
        lines = [
            f"{self.vessel}, wire at {self.wire / MM:.0f} mm",
            f"  bolus: T_mn {self.bolus.transit_time:.3f} s, IMR {self.imr_u:.1f} U",
            f"  infusion: Q {self.infusion.flow / ML_PER_MIN:.0f} mL/min, "
            f"R_mu {self.infusion.resistance / WOOD_UNIT:.0f} WU",
            f"  true: Q {self.true_flow / ML_PER_MIN:.0f} mL/min at the wire, "
            f"R_mu {self.true_resistance / WOOD_UNIT:.0f} WU",
        ]
        if self.true_cfr is not None:
            lines.append(
                f"  CFR: bolus {self.bolus_cfr:.2f}, infusion {self.infusion_cfr:.2f}, "
                f"true {self.true_cfr:.2f}"
            )
        return "\n".join(lines)
