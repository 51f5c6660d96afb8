"""The heart beat that drives a pulsatile flow: aortic pressure, and the squeeze of the myocardium.

A steady state, mean pressure and one resistance an outlet, becomes a beating one: the aortic
pressure keeps its mean, and every resistance becomes a coronary bed of the same total with
compliances (Kim et al., Ann Biomed Eng 2010;38:3195). All parts of a bed follow the resistance of
the state, so hyperemia leaves their proportions alone.

The built-in shapes are drawn by hand after textbook tracings, not measured: the aortic pressure
rises in systole, has its notch at the end of it and runs off in diastole; the ventricle's follows
it while the valve is open. Give a file where the patient's is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corohemo.boundary import Boundaries, CoronaryBed, Outlet, PressureInlet, Resistance
from corohemo.checks import require_numbers
from corohemo.errors import ConfigError
from corohemo.waveform import Waveform

AORTIC_SYSTOLE = (
    (0.0, 0.0),
    *((0.12, 0.3), (0.25, 0.65), (0.4, 0.9), (0.55, 1.0), (0.7, 0.97), (0.85, 0.86)),
    (1.0, 0.68),
)
"""Built-in aortic pressure over the pulse pressure, by the part of systole."""
AORTIC_DIASTOLE = (
    (0.0, 0.68),
    *((0.05, 0.72), (0.12, 0.68), (0.25, 0.54), (0.5, 0.31), (0.75, 0.14)),
    (1.0, 0.0),
)
"""The same by the part of diastole, which begins with the notch."""
FILLING_PRESSURE_MMHG = 8.0
"""Pressure of the left ventricle between relaxation and contraction."""
RELAXATION, CONTRACTION = 0.12, 0.08
"""Parts of diastole in which the ventricle relaxes and, at its end, contracts."""
SAMPLES = 200


@dataclass(frozen=True)
class Heartbeat:
    """What beats behind a pulsatile flow.

    Attributes:
        heart_rate_bpm: Beats in a minute of the built-in aortic pressure; a file has its period.
            Choice of this package.
        pulse_pressure_mmhg: Systolic less diastolic pressure of the built-in aortic pressure; a
            cuff of 120/80 mmHg. Choice of this package.
        end_systole: Part of the cycle after which the aortic valve closes; iFR needs it. In a file
            the cycle begins where the valve opens. Choice of this package.
        resistance_shares: Parts of a bed's resistance before the first compliance, between both,
            and behind the second (SimVascular's coronary project; read).
        left_compliance_ml_mmhg: Compliance of the whole left tree's beds, 3.6e-5 cm5/dyn
            (SimVascular's coronary project; read). Outlets share it as they share the flow.
        right_compliance_ml_mmhg: The same of the right tree, 2.5e-5 cm5/dyn.
        arterial_share: Part of the compliance that lies before the myocardium (the same source).
        left_squeeze: Intramyocardial over left ventricular pressure in the left tree (the same).
        right_squeeze: The same in the right tree.
    """

    heart_rate_bpm: float = 75.0
    pulse_pressure_mmhg: float = 40.0
    end_systole: float = 0.35
    resistance_shares: tuple[float, float, float] = (0.32, 0.52, 0.16)
    left_compliance_ml_mmhg: float = 0.048
    right_compliance_ml_mmhg: float = 0.0333
    arterial_share: float = 0.11
    left_squeeze: float = 1.5
    right_squeeze: float = 0.5

    def __post_init__(self) -> None:
        compliances = ("left_compliance_ml_mmhg", "right_compliance_ml_mmhg")
        parts = ("end_systole", "arterial_share")
        require_numbers(
            self,
            positive=("heart_rate_bpm", *compliances, *parts),
            nonnegative=("pulse_pressure_mmhg", "left_squeeze", "right_squeeze"),
        )
        for name in parts:
            if getattr(self, name) >= 1.0:
                raise ConfigError(
                    f"Heartbeat.{name} is a part and must be below 1, got {getattr(self, name)!r}.",
                    field=name,
                )
        shares = self.resistance_shares
        if len(shares) != 3 or min(shares) <= 0.0 or abs(sum(shares) - 1.0) > 1e-9:
            raise ConfigError(
                "Heartbeat.resistance_shares must be three positive numbers whose sum is 1, got "
                f"{shares!r}.",
                field="resistance_shares",
            )

    @property
    def period_s(self) -> float:
        """Length of a beat [s]."""
        return 60.0 / self.heart_rate_bpm

    def aortic_pressure(self, mean_mmhg: float) -> Waveform:
        """The built-in aortic pressure with a given mean [mmHg]; the valve opens at time 0."""
        end = self.end_systole
        phases = [end * t for t, _ in AORTIC_SYSTOLE]
        phases += [end + (1.0 - end) * t for t, _ in AORTIC_DIASTOLE[1:]]
        levels = [p for _, p in (*AORTIC_SYSTOLE, *AORTIC_DIASTOLE[1:])]
        wave = Waveform(
            self.period_s * np.array(phases), self.pulse_pressure_mmhg * np.array(levels)
        )
        return Waveform(wave.t_s, wave.values + (mean_mmhg - wave.mean))

    def ventricular_pressure(self, aortic: Waveform) -> Waveform:
        """Pressure of the left ventricle that goes with an aortic one [mmHg]."""
        phases = np.linspace(0.0, 1.0, SAMPLES + 1)
        pressure = aortic.at(aortic.t_s[0] + aortic.period_s * phases)
        late = (phases - self.end_systole) / (1.0 - self.end_systole)
        closing = float(np.interp(self.end_systole, phases, pressure))
        resting = np.interp(
            late,
            [0.0, RELAXATION, 1.0 - CONTRACTION, 1.0],
            [closing, FILLING_PRESSURE_MMHG, FILLING_PRESSURE_MMHG, float(pressure[0])],
        )
        values = np.where(late < 0.0, pressure, resting)
        return Waveform(aortic.t_s[0] + aortic.period_s * phases, values)


def beating(
    boundaries: Boundaries,
    heartbeat: Heartbeat,
    *,
    tree: str = "left",
    aortic_pressure: Waveform | None = None,
) -> Boundaries:
    """The pulsatile conditions that have the means of steady ones.

    Args:
        boundaries: A state with a steady pressure at the inlet; outlets that are no resistances
            stay as they are.
        heartbeat: The heart beat.
        tree: "left", "right" or "whole", whose compliance and squeeze are taken; a whole heart has
            those of the left with the compliance of both.
        aortic_pressure: Pressure at the ostium [mmHg] instead of the built-in one; it is scaled to
            the mean pressure of the state.

    Raises:
        ConfigError: If the inlet has no steady pressure.
    """
    inlet = boundaries.inlet
    if not isinstance(inlet, PressureInlet) or inlet.waveform is not None:
        raise ConfigError(
            "A heart beat needs a steady pressure at the inlet, which it lets pulsate; waveforms "
            "of your own go into the boundaries.",
            field="inlet",
        )
    mean = float(inlet.pressure_mmhg)  # type: ignore[arg-type]
    wave = heartbeat.aortic_pressure(mean)
    if aortic_pressure is not None:
        wave = aortic_pressure.scaled(mean / aortic_pressure.mean)
    squeeze = heartbeat.right_squeeze if tree == "right" else heartbeat.left_squeeze
    myocardium = heartbeat.ventricular_pressure(wave).scaled(squeeze)
    outlets = boundaries.outlets
    conductance = sum(1.0 / o.resistance_wu for o in outlets.values() if isinstance(o, Resistance))
    total = _compliance(heartbeat, tree)
    beds: dict[str, Outlet] = {
        name: _bed(outlet, heartbeat, total / outlet.resistance_wu / conductance, myocardium)
        if isinstance(outlet, Resistance)
        else outlet
        for name, outlet in outlets.items()
    }
    note = (
        f"The flow pulsates: {60.0 / wave.period_s:.0f} beats a minute, aortic pressure "
        f"{wave.values.min():.0f} to {wave.values.max():.0f} mmHg, coronary beds of "
        f"{total:.3g} mL/mmHg in all."
    )
    return replace(
        boundaries,
        inlet=replace(inlet, pressure_mmhg=wave),
        outlets=beds,
        notes=(*boundaries.notes, note),
    )


def _compliance(heartbeat: Heartbeat, tree: str) -> float:
    """Compliance of a tree's beds [mL/mmHg]."""
    left, right = heartbeat.left_compliance_ml_mmhg, heartbeat.right_compliance_ml_mmhg
    return {"left": left, "right": right}.get(tree, left + right)


def _bed(
    outlet: Resistance, heartbeat: Heartbeat, compliance: float, myocardium: Waveform
) -> CoronaryBed:
    """The bed with a resistance's total."""
    first, second, third = (part * outlet.resistance_wu for part in heartbeat.resistance_shares)
    return CoronaryBed(
        arterial_resistance_wu=first,
        arterial_compliance_ml_mmhg=heartbeat.arterial_share * compliance,
        microvascular_resistance_wu=second,
        intramyocardial_compliance_ml_mmhg=(1.0 - heartbeat.arterial_share) * compliance,
        venous_resistance_wu=third,
        venous_pressure_mmhg=outlet.distal_pressure_mmhg,
        intramyocardial_pressure_mmhg=myocardium,
    )
