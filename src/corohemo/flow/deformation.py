r"""Mean flow from the pulsation of the lumen between cardiac phases. EXPERIMENTAL.

Between its smallest and its largest phase the lumen stores dV under the pulse pressure PP, so its
compliance is C = dV / PP. The closure is the arterial time constant tau = R C_a of the coronary bed
(Kim et al., Ann Biomed Eng 2010;38:3195): if the imaged lumen is the arterial compliance,

    R = tau / C,    Q_mean = (MAP - p_v) / R = (MAP - p_v) dV / (PP tau).

The volume pulsation fixes C and nothing else; the flow rests on tau, which no image shows, and dV
is of the size of the segmentation's error. Both enter the relative standard deviation, and a
pulsation that does not stand out of the error is refused. The published method of vessel
deformation (Deng et al., EuroIntervention 2026) is not public; this is not it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import listed, require_between, require_numbers, shown
from corohemo.errors import ConfigError, InputError
from corohemo.flow.estimate import FlowEstimate
from corohemo.lumen import Lumen
from corohemo.physiology import outlet_fractions
from corohemo.states import Rest
from corohemo.units import ML_PER_MIN, MM, MMHG

FloatArray = NDArray[np.float64]

LIMITS = {
    "period_s": (0.2, 4.0),
    "mean_aortic_pressure_mmhg": (1.0, 500.0),
    "pulse_pressure_mmhg": (1.0, 300.0),
    "time_constant_s": (0.001, 10.0),
}
"""Ranges beyond which a number has another unit than its name says, or is a slip."""
LEAST_SIGNAL = 2.0
"""Volume change over its standard deviation below which it says nothing."""


@dataclass(frozen=True, kw_only=True)
class DeformationFlow:
    """Resting flow from two or more cardiac phases of one tree. Experimental.

    Attributes:
        phases: Lumens of the phases; the smallest and the largest volume must be among them.
        times_s: Their times in the cycle, ascending (n,) [s].
        period_s: Length of the cycle [s].
        mean_aortic_pressure_mmhg: Mean aortic pressure.
        pulse_pressure_mmhg: Systolic less diastolic pressure.
        venous_pressure_mmhg: Pressure behind the bed.
        time_constant_s: tau = R C_a of the bed. 0.25 s are those of SimVascular's coronary project:
            R of the left tree 6.2e9 Pa s/m3 and 11 % of 3.6e-10 m3/Pa.
        time_constant_relative_sd: Its relative standard deviation; a guess, since no measurement
            of its spread was found.
        pulse_pressure_relative_sd: That of the pulse pressure, from cuff to coronary artery.
        station_sd_mm: Standard deviation of a diameter, independent over ``correlation_mm``.
        bias_sd_mm: Standard deviation of a diameter error common to one phase.
        correlation_mm: Length over which diameter errors are alike.
        split: Person whose diameter exponent and way of splitting the flow follows.
        accept_unidentifiable: True returns a flow that does not stand out of the error, as not
            informative.
    """

    phases: Sequence[Lumen]
    times_s: Sequence[float]
    period_s: float
    mean_aortic_pressure_mmhg: float
    pulse_pressure_mmhg: float
    venous_pressure_mmhg: float = 0.0
    time_constant_s: float = 0.25
    time_constant_relative_sd: float = 0.5
    pulse_pressure_relative_sd: float = 0.15
    station_sd_mm: float = 0.15
    bias_sd_mm: float = 0.05
    correlation_mm: float = 5.0
    split: Rest = field(default_factory=Rest)
    accept_unidentifiable: bool = False

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("period_s", "pulse_pressure_mmhg", "time_constant_s", "correlation_mm"),
            nonnegative=(
                "time_constant_relative_sd",
                "pulse_pressure_relative_sd",
                "station_sd_mm",
                "bias_sd_mm",
            ),
            finite=("mean_aortic_pressure_mmhg", "venous_pressure_mmhg"),
        )
        require_between(self, LIMITS)
        if self.venous_pressure_mmhg >= self.mean_aortic_pressure_mmhg:
            raise ConfigError(
                "DeformationFlow.venous_pressure_mmhg must be below mean_aortic_pressure_mmhg, got "
                f"{self.venous_pressure_mmhg:g} and {self.mean_aortic_pressure_mmhg:g}.",
                field="venous_pressure_mmhg",
            )
        times = _numbers(self.times_s)
        if len(self.phases) < 2 or times.shape != (len(self.phases),):
            raise InputError(
                "Vessel deformation needs two or more phases and one time for each, got "
                f"{len(self.phases)} phases and {times.size} times.",
                field="times_s",
            )
        within = np.all(np.isfinite(times)) and times[0] >= 0 and times[-1] < self.period_s
        if not (within and np.all(np.diff(times) > 0)):
            raise InputError(
                "The times of the phases must ascend from 0 s to less than the period of "
                f"{self.period_s:g} s, got {', '.join(f'{t:g}' for t in times)}.",
                field="times_s",
            )
        for number, phase in enumerate(self.phases, start=1):
            if not isinstance(phase, Lumen):
                raise InputError(
                    f"Phase {number} must be a lumen (build_lumen), got a {type(phase).__name__}.",
                    field="phases",
                )
            own, first = _parents(phase), _parents(self.phases[0])
            if own != first:
                odd = sorted(own.items() ^ first.items())
                raise InputError(
                    f"Phase {number} is not the tree of phase 1: they differ in "
                    f"{listed(dict.fromkeys(name for name, _ in odd))}, or in what these leave.",
                    field="phases",
                )

    @property
    def volumes(self) -> FloatArray:
        """Lumen volume of each phase (n_phases,) [m3]."""
        return np.array([phase.volume() for phase in self.phases])

    @property
    def storage_flows(self) -> FloatArray:
        """Mean storage flow from each phase to the next, periodic (n_phases,) [m3/s]."""
        volumes, times = self.volumes, np.asarray(self.times_s, dtype=np.float64)
        steps = np.diff(np.append(times, times[0] + self.period_s))
        return np.asarray(np.diff(np.append(volumes, volumes[0])) / steps, dtype=np.float64)

    @property
    def volume_change(self) -> float:
        """Largest less smallest volume [m3]."""
        return float(np.ptp(self.volumes))

    @property
    def volume_change_sd(self) -> float:
        """Standard deviation of that difference from the diameter errors of two phases [m3]."""
        station = bias = 0.0
        for branch in self.phases[0].branches:
            widths = 0.5 * np.pi * (branch.radii[1:] + branch.radii[:-1])
            steps = np.diff(branch.abscissas)
            bias += float(widths @ steps) * self.bias_sd_mm * MM
            station += (
                float(widths**2 @ steps) * self.correlation_mm * MM * (self.station_sd_mm * MM) ** 2
            )
        return float(np.sqrt(2.0 * (bias**2 + station)))

    @property
    def length_volume(self) -> float:
        """Volume by which branches differ in length between smallest and largest phase [m3].

        It is mostly what one image shows farther than the other and no pulsation.
        """
        volumes = self.volumes
        small, large = self.phases[int(volumes.argmin())], self.phases[int(volumes.argmax())]
        return sum(
            abs(large.branch(branch.name).length - branch.length)
            * float(np.pi * np.mean(branch.radii**2))
            for branch in small.branches
        )

    def estimate(self, lumen: Lumen) -> FlowEstimate:
        """Flow of every outlet of ``lumen``, a tree with the outlets of the phases.

        Raises:
            InputError: If the lumen is another tree, or the pulsation does not stand out of the
                error of the segmentation, lengths included.
        """
        if set(lumen.outlet_names) != set(self.phases[0].outlet_names):
            raise InputError(
                "The phases have the outlets "
                f"{', '.join(self.phases[0].outlet_names)}, the lumen "
                f"{', '.join(lumen.outlet_names)}: give phases of the same tree.",
                field="phases",
            )
        change, lengths = self.volume_change, self.length_volume
        error = float(np.hypot(self.volume_change_sd, lengths))
        identifiable = change >= LEAST_SIGNAL * error and change > 0
        if not identifiable and not self.accept_unidentifiable:
            raise InputError(
                f"The lumen pulsates by {change / MM**3:.0f} mm3, within the error of "
                f"{error / MM**3:.0f} mm3 of its segmentation ({lengths / MM**3:.0f} mm3 of it "
                "because branches differ in length): the flow cannot be identified from these "
                "phases. Give phases further apart and cut to one length, or another flow source.",
                field="phases",
            )
        if change == 0:
            raise InputError("All phases have the same volume, so no flow follows.", field="phases")
        driving = (self.mean_aortic_pressure_mmhg - self.venous_pressure_mmhg) * MMHG
        compliance = change / (self.pulse_pressure_mmhg * MMHG)
        total = driving * compliance / self.time_constant_s
        parts = {
            "volume change": error / change,
            "time constant": self.time_constant_relative_sd,
            "pulse pressure": self.pulse_pressure_relative_sd,
        }
        relative = float(np.linalg.norm(list(parts.values())))
        shares = ", ".join(f"{name} {100 * part:.0f} %" for name, part in parts.items())
        storage = float(np.abs(self.storage_flows).max())
        return FlowEstimate(
            source="deformation",
            state="resting",
            outlets=lumen.outlet_names,
            flows=total * outlet_fractions(lumen, self.split),
            informative=bool(identifiable),
            relative_sd=relative,
            notes=(
                "EXPERIMENTAL: flow from the pulsation of the lumen, "
                f"{change / MM**3:.0f} +- {error / MM**3:.0f} mm3 between phases, which "
                + ("stands" if identifiable else "does NOT stand")
                + f" out of the segmentation's error; the largest storage flow is "
                f"{storage / ML_PER_MIN:.1f} mL/min.",
                f"The flow is inversely proportional to the assumed arterial time constant of "
                f"{self.time_constant_s:g} s, which no image shows; its relative standard "
                f"deviation is {100 * relative:.0f} % in all ({shares}).",
                "The split over the outlets follows their healthy diameters.",
            ),
        )


def _numbers(times: Sequence[float]) -> FloatArray:
    """Times as an array.

    Raises:
        InputError: If they are no numbers.
    """
    try:
        return np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"The times of the phases must be numbers in seconds, got {shown(times)}.",
            field="times_s",
        ) from None


def _parents(lumen: Lumen) -> dict[str, str]:
    """Name of the branch that each branch leaves, in whatever order they come."""
    branches = lumen.branches
    return {
        branch.name: branches[branch.parent].name if branch.parent >= 0 else ""
        for branch in branches
    }
