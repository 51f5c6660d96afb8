"""The section ``[pulsatile]``: whether and how the cardiac cycle is solved."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.solvers.options import TransientOptions


@dataclass(frozen=True)
class PulsatileOptions(TransientOptions):
    """Pulsatile instead of steady states.

    Attributes:
        on: Whether the states are solved over the cardiac cycle. The physiology then beats as
            [heartbeat] says; [boundaries] need waveforms of their own.
        aortic_pressure: File of two columns, time in s and pressure in mmHg, that gives the shape
            of the aortic pressure, the valve opening at its first time; it is scaled to each
            state's mean. Empty for the built-in shape.
    """

    on: bool = False
    aortic_pressure: str = ""
