"""The periodic state of the beds if they all hung at one point: where a pulsatile run starts.

Without the epicardial losses the network is linear, so its periodic state follows harmonic by
harmonic from the beds' impedances. It differs from that of the whole tree by the epicardial
pressure drop only; starting from it saves the cycles that compliances take to fill.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]


def periodic_states(
    circuits: Sequence[Circuit],
    times: FloatArray,
    *,
    inflow: FloatArray | None = None,
    pressure: FloatArray | None = None,
) -> list[FloatArray]:
    """States at the end of a cycle of circuits that share their pressure.

    Args:
        circuits: The beds.
        times: Equal steps over one cycle, its end included (m,) [s].
        inflow: Flow into all of them at these times (m,) [m3/s].
        pressure: Their pressure (m,) [Pa]; if None, what drives ``inflow`` through them.

    Returns:
        States of each circuit at ``times[-1]`` [Pa].
    """
    speeds = 2j * np.pi / (len(times) * (times[1] - times[0])) * np.arange(len(times) // 2 + 1)
    signals = [np.fft.rfft(circuit.signal_at(times)) for circuit in circuits]
    answers = [
        _answer(circuit, signal, speeds, len(times))
        for circuit, signal in zip(circuits, signals, strict=True)
    ]
    if pressure is None:
        assert inflow is not None
        common = _common_pressure(np.fft.rfft(inflow), answers)
    else:
        common = np.fft.rfft(pressure)
    states = []
    for circuit, signal, (impedance, source) in zip(circuits, signals, answers, strict=True):
        if circuit.n_states == 0:
            states.append(np.empty(0))
            continue
        flow = (common - source) / impedance
        rates = flow[:, None] * circuit.feed + signal[:, None] * circuit.drive
        rates[0] += len(times) * circuit.rest
        systems = speeds[:, None, None] * np.eye(circuit.n_states) - circuit.dynamics
        modes = np.linalg.solve(systems, rates[..., None])[..., 0]
        states.append(np.fft.irfft(modes, n=len(times), axis=0)[-1])
    return states


def _answer(
    circuit: Circuit, signal: ComplexArray, speeds: ComplexArray, n_samples: int
) -> tuple[ComplexArray, ComplexArray]:
    """Impedance and pressure without flow of each harmonic (h,)."""
    impedance = np.full(len(speeds), circuit.resistance, dtype=np.complex128)
    source = circuit.gain * signal
    rates = signal[:, None] * circuit.drive if circuit.n_states else np.empty((len(speeds), 0))
    if circuit.n_states:
        rates[0] += n_samples * circuit.rest
        systems = speeds[:, None, None] * np.eye(circuit.n_states) - circuit.dynamics
        fed = np.linalg.solve(systems, np.broadcast_to(circuit.feed, rates.shape)[..., None])
        impedance += fed[..., 0] @ circuit.output
        source = source + np.linalg.solve(systems, rates[..., None])[..., 0] @ circuit.output
    source[0] += n_samples * circuit.level
    return impedance, source


def _common_pressure(
    inflow: ComplexArray, answers: Sequence[tuple[ComplexArray, ComplexArray]]
) -> ComplexArray:
    """Pressure at which the flows through all impedances add up to ``inflow`` (h,)."""
    for impedance, source in answers:
        if not np.abs(impedance).any():
            return source
    admittance = sum((1.0 / impedance for impedance, _ in answers), np.zeros(len(inflow)))
    drawn = sum((source / impedance for impedance, source in answers), np.zeros(len(inflow)))
    return np.asarray((inflow + drawn) / admittance)
