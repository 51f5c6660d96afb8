"""The left heart and the systemic circulation that close the loop around a coronary tree.

::

    atrium -mitral valve- ventricle -aortic valve- root -Rp, L- arteries -Rd- atrium
                                                    |                            |
                                               coronary tree -------- beds ------+

The ventricle is a time-varying elastance, p = E(t) (V - V0), E = E_min + (E_max - E_min) a(t), the
valves are diodes with a resistance, the arteries a windkessel (Rp, C, Rd), to which compliance of
the aortic root and inertia may be added. The atrium is passive: its compliance stands for veins,
right heart and lungs too, so venous pressure is that of the atrium. What the coronary tree draws
from the root comes back into the atrium through its beds; no blood is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from corohemo.checks import nearest_word, require_numbers
from corohemo.errors import ConfigError
from corohemo.loop import Compartment, Link, Loop
from corohemo.units import ML, MMHG, WOOD_UNIT
from corohemo.waveform import Level, Waveform, adopt_level

MMHG_S_ML = 1000.0 / 60.0
"""One mmHg s/mL in Wood units."""
SAMPLES = 512
"""Points of the built-in activation."""
LATE = 0.01
"""Activation at the end of the beat up to which the built-in one counts as over."""
COMPARTMENTS = ("atrium", "ventricle", "root", "arteries")
PLAIN = {
    "root_compliance_ml_mmhg": 0.0,
    "proximal_inertance_mmhg_s2_ml": 0.0,
    "valve_leak_ml_s_mmhg": 0.0,
}
"""What is left out of a heart without preset: a plain windkessel, valves that close tightly."""


class HeartPreset(NamedTuple):
    """Values of a heart, and where they come from."""

    values: dict[str, float]
    source: str


HEART_PRESETS = {
    "simaan2009": HeartPreset(
        {
            "heart_rate_bpm": 75.0,
            "maximal_elastance_mmhg_ml": 2.0,
            "minimal_elastance_mmhg_ml": 0.06,
            "unstressed_volume_ml": 10.0,
            "atrial_compliance_ml_mmhg": 4.4,
            "mitral_resistance_wu": 0.005 * MMHG_S_ML,
            "aortic_valve_resistance_wu": 0.001 * MMHG_S_ML,
            "proximal_resistance_wu": 0.0398 * MMHG_S_ML,
            "proximal_inertance_mmhg_s2_ml": 0.0005,
            "root_compliance_ml_mmhg": 0.08,
            "arterial_compliance_ml_mmhg": 1.33,
            "distal_resistance_wu": 1.0 * MMHG_S_ML,
            "valve_leak_ml_s_mmhg": 0.0,
            "blood_volume_ml": 280.0,
        },
        "Normal heart of Simaan et al., IEEE Trans Control Syst Technol 2009;17:15-28; values read "
        "in public codes that reproduce it, not in the paper. The stressed volume is this "
        "package's choice: with it the heart alone ejects the published 69.5 mL.",
    )
}
"""Hearts by name."""


@dataclass(frozen=True, kw_only=True)
class ClosedLoopHeart:
    """Left heart and systemic circulation at the inlet, in a closed loop with the coronary beds.

    What is not given is taken from the preset; without one, everything but root compliance,
    inertance, leak and activation must be given.

    Attributes:
        preset: A key of ``HEART_PRESETS``, or empty.
        heart_rate_bpm: Beats in a minute; with an activation of one's own, left out.
        maximal_elastance_mmhg_ml: Elastance of the ventricle at full activation.
        minimal_elastance_mmhg_ml: The same without activation.
        unstressed_volume_ml: Volume of the ventricle at zero pressure.
        atrial_compliance_ml_mmhg: Compliance that fills the ventricle.
        mitral_resistance_wu: Resistance of the open mitral valve.
        aortic_valve_resistance_wu: Resistance of the open aortic valve.
        proximal_resistance_wu: Characteristic resistance of the aorta, Rp.
        arterial_compliance_ml_mmhg: Compliance of the systemic arteries, C.
        distal_resistance_wu: Peripheral resistance, Rd, without the coronary beds.
        blood_volume_ml: Stressed volume of heart, vessels and beds; all pressures follow it in
            proportion.
        root_compliance_ml_mmhg: Compliance of the aorta before Rp.
        proximal_inertance_mmhg_s2_ml: Inertance beside Rp.
        valve_leak_ml_s_mmhg: Flow back through a closed valve by the pressure over it.
        activation: a(t) over a beat that begins with contraction, 0 to 1, a waveform; None for
            ``double_hill``.

    Raises:
        ConfigError: If a value is missing or out of range, with its name.
    """

    preset: str = ""
    heart_rate_bpm: float = nan
    maximal_elastance_mmhg_ml: float = nan
    minimal_elastance_mmhg_ml: float = nan
    unstressed_volume_ml: float = nan
    atrial_compliance_ml_mmhg: float = nan
    mitral_resistance_wu: float = nan
    aortic_valve_resistance_wu: float = nan
    proximal_resistance_wu: float = nan
    arterial_compliance_ml_mmhg: float = nan
    distal_resistance_wu: float = nan
    blood_volume_ml: float = nan
    root_compliance_ml_mmhg: float = nan
    proximal_inertance_mmhg_s2_ml: float = nan
    valve_leak_ml_s_mmhg: float = nan
    activation: Level | None = None

    def __post_init__(self) -> None:
        self._adopt_activation()
        known = self._preset_values()
        for name in self._numbers():
            value = getattr(self, name)
            if isinstance(value, float) and isnan(value):
                if name not in known:
                    raise ConfigError(
                        f"ClosedLoopHeart.{name} is missing; give it, or a preset "
                        f"({', '.join(HEART_PRESETS)}).",
                        field=name,
                    )
                object.__setattr__(self, name, known[name])
        zero_allowed = (*PLAIN, "unstressed_volume_ml", "proximal_resistance_wu")
        require_numbers(
            self,
            positive=[name for name in self._numbers() if name not in zero_allowed],
            nonnegative=zero_allowed,
        )
        self._check()

    @property
    def period_s(self) -> float:
        """Length of a beat [s]."""
        return self.waveform.period_s

    @property
    def waveform(self) -> Waveform:
        """The activation a(t) [-]."""
        if isinstance(self.activation, Waveform):
            return self.activation
        return double_hill(60.0 / self.heart_rate_bpm)

    @property
    def note(self) -> str:
        """Where the values come from, for the report."""
        if not self.preset:
            return "Closed loop with the heart: all its values were given."
        known = HEART_PRESETS[self.preset]
        changed = [name for name, value in known.values.items() if getattr(self, name) != value]
        changed += ["activation"] if self.activation is not None else []
        others = f" Given instead: {', '.join(changed)}." if changed else ""
        return f"Closed loop with the heart. {known.source}{others}"

    def loop(self) -> Loop:
        """Compartments and links in SI."""
        least, most = self.minimal_elastance_mmhg_ml, self.maximal_elastance_mmhg_ml
        wave = self.waveform
        elastance = Waveform(
            wave.t_s, (least + (most - least) * wave.values) * MMHG / ML, wave.interpolation
        )
        sizes = (self.root_compliance_ml_mmhg, self.arterial_compliance_ml_mmhg)
        root, arteries = (size * ML / MMHG for size in sizes)
        atrium, leak = self.atrial_compliance_ml_mmhg * ML / MMHG, self.valve_leak_ml_s_mmhg
        tight = leak * ML / MMHG
        return Loop(
            compartments=(
                Compartment("atrium", atrium),
                Compartment(
                    "ventricle",
                    elastance=elastance,
                    unstressed_volume=self.unstressed_volume_ml * ML,
                ),
                Compartment("root", root),
                Compartment("arteries", arteries),
            ),
            links=(
                Link("mitral valve", 0, 1, self.mitral_resistance_wu * WOOD_UNIT, leak=tight),
                Link("aortic valve", 1, 2, self.aortic_valve_resistance_wu * WOOD_UNIT, leak=tight),
                Link(
                    "aorta",
                    2,
                    3,
                    self.proximal_resistance_wu * WOOD_UNIT,
                    self.proximal_inertance_mmhg_s2_ml * MMHG / ML,
                ),
                Link("periphery", 3, 0, self.distal_resistance_wu * WOOD_UNIT),
            ),
            tap=2,
            muscle=1,
            drain=0,
            volume=self.blood_volume_ml * ML,
        )

    @classmethod
    def _numbers(cls) -> tuple[str, ...]:
        words = ("preset", "activation")
        return tuple(item.name for item in fields(cls) if item.name not in words)

    def _preset_values(self) -> dict[str, float]:
        """Values for what was not given."""
        known = dict(PLAIN)
        if self.preset:
            if self.preset not in HEART_PRESETS:
                raise ConfigError(
                    f"ClosedLoopHeart.preset must be one of {', '.join(HEART_PRESETS)}, got "
                    f"{self.preset!r}.",
                    field="preset",
                    nearest=nearest_word(str(self.preset), tuple(HEART_PRESETS)),
                )
            known = HEART_PRESETS[self.preset].values
        if isinstance(self.activation, Waveform):
            known = known | {"heart_rate_bpm": 60.0 / self.activation.period_s}
        return known

    def _adopt_activation(self) -> None:
        if self.activation is None:
            return
        adopt_level(self, "activation")
        wave = self.activation
        if not isinstance(wave, Waveform) or wave.values.min() < 0.0 or wave.values.max() > 1.0:
            raise ConfigError(
                "ClosedLoopHeart.activation must be a waveform between 0 and 1.",
                field="activation",
            )

    def _check(self) -> None:
        """Refuse what contradicts itself."""
        if self.minimal_elastance_mmhg_ml >= self.maximal_elastance_mmhg_ml:
            raise ConfigError(
                f"ClosedLoopHeart.minimal_elastance_mmhg_ml ({self.minimal_elastance_mmhg_ml:g}) "
                f"must be below maximal_elastance_mmhg_ml ({self.maximal_elastance_mmhg_ml:g}).",
                field="minimal_elastance_mmhg_ml",
            )
        inertance = self.proximal_inertance_mmhg_s2_ml
        if self.proximal_resistance_wu == 0.0 and inertance == 0.0:
            raise ConfigError(
                "ClosedLoopHeart needs a proximal resistance between the aortic root and the "
                "arteries; put the root's compliance into the arteries' if there is none.",
                field="proximal_resistance_wu",
            )
        if inertance > 0.0 and self.root_compliance_ml_mmhg == 0.0:
            raise ConfigError(
                "ClosedLoopHeart.proximal_inertance_mmhg_s2_ml needs a root_compliance_ml_mmhg: "
                "blood that moves on behind the closed aortic valve must come from somewhere.",
                field="root_compliance_ml_mmhg",
            )
        beat = 60.0 / self.waveform.period_s
        if abs(beat - self.heart_rate_bpm) > 1e-6 * beat:
            raise ConfigError(
                f"ClosedLoopHeart.heart_rate_bpm is {self.heart_rate_bpm:g}, but the activation "
                f"lasts {self.waveform.period_s:g} s, {beat:g} beats a minute; leave one out.",
                field="heart_rate_bpm",
            )


def double_hill(period_s: float) -> Waveform:
    """Activation of a ventricle over a beat that begins with contraction, 0 to 1.

    a = 1.55 x^1.9 / (1 + x^1.9) / (1 + y^21.9), x = s / 0.7, y = s / 1.17, with
    s = t / (0.2 s + 0.15 T).

    Args:
        period_s: Length T of the beat [s].

    Raises:
        ConfigError: If the activation is not over at the end of the beat.

    Reference:
        Stergiopulos et al., Am J Physiol 1996;270:H2050 (from memory); constants as public codes
        of Simaan et al. 2009 have them (read).
    """
    times = np.linspace(0.0, period_s, SAMPLES + 1)
    phase = times / (0.2 + 0.15 * period_s)
    rise = (phase / 0.7) ** 1.9
    values = 1.55 * rise / (1.0 + rise) / (1.0 + (phase / 1.17) ** 21.9)
    if values[-1] > LATE:
        raise ConfigError(
            f"At {60.0 / period_s:g} beats a minute the built-in activation of the ventricle lasts "
            f"longer than the beat; give ClosedLoopHeart.activation.",
            field="heart_rate_bpm",
        )
    values[-1] = values[0]
    return Waveform(times, np.clip(values, 0.0, 1.0), "cubic")
