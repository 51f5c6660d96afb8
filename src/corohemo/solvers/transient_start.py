"""The periodic state of a 0-D model of everything outside the lumen: where a pulsatile run starts.

Without the epicardial losses the beds hang at one point. Between open ends that network is linear,
so its periodic state follows harmonic by harmonic from the beds' impedances; in a closed loop with
the heart it is marched, valves and all. It differs from that of the whole tree by the epicardial
pressure drop only; starting from it saves the cycles that compliances take to fill. The course of
the cycle also tells where time steps have to be short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit
from corohemo.heart import ClosedLoopHeart
from corohemo.kernels.march_loop import LoopState
from corohemo.kernels.network import TreeLaw
from corohemo.solvers.heart_cycle import HeartCycle
from corohemo.solvers.loop_network import LoopNetwork
from corohemo.solvers.periodic import until_periodic
from corohemo.solvers.tree_network import Leaf, TreeNetwork, generalised_alpha

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
Path = tuple[float, float]
"""Resistance [Pa s/m3] and inertance [Pa s2/m3] between the inlet and each bed."""

LOOP_STEPS = 2000
"""Steps of a beat of the 0-D loop; its aortic valve opens within a few of them."""
LOOP_TOLERANCE = 1e-6
LOOP_CYCLES = 200
DAMPING = 0.5


@dataclass(frozen=True)
class LoopStart:
    """The periodic 0-D state of a closed loop at the begin of a beat.

    Attributes:
        loop: Volumes, flows and valves of the loop.
        beds: States of each bed (m,) [Pa], none for a prescribed flow.
        heart: The beat.
        course: What stores blood or momentum, over the beat (k, c).
    """

    loop: LoopState
    beds: tuple[FloatArray, ...]
    heart: HeartCycle
    course: FloatArray


def loop_start(heart: ClosedLoopHeart, leaves: Sequence[Leaf], path: Path) -> LoopStart:
    """Beat a heart with all beds at one point until the beats are alike.

    Args:
        heart: The heart.
        leaves: Beds, or prescribed outflows [m3/s].
        path: What lies between the aortic root and each of them.

    Raises:
        NotConvergedError: If the beats do not become alike.
    """
    network = LoopNetwork(_star(leaves, path), heart.loop())
    state, loop = both = network.resting()
    scheme = generalised_alpha(heart.period_s / LOOP_STEPS, DAMPING)
    series, beat, _, _ = until_periodic(
        lambda *steps: network.march(both, *steps),
        scheme,
        LOOP_STEPS,
        tolerance=LOOP_TOLERANCE,
        max_cycles=LOOP_CYCLES,
    )
    assert beat is not None
    times = np.linspace(0.0, heart.period_s, LOOP_STEPS + 1)
    states = tuple(
        state.states[branch, : leaf.n_states] if isinstance(leaf, Circuit) else np.empty(0)
        for branch, leaf in enumerate(leaves, start=1)
    )
    course = np.column_stack([beat.volumes, beat.bed_volumes, series.flows])
    return LoopStart(loop, states, HeartCycle.of(heart, times, beat), course)


def _star(leaves: Sequence[Leaf], path: Path) -> TreeNetwork:
    """A root without length and one branch to each leaf."""
    n, nothing = len(leaves) + 1, np.zeros(0)
    resistance, inertance = (np.append(0.0, np.full(n - 1, value)) for value in path)
    law = TreeLaw(
        parents=np.append(-1, np.zeros(n - 1)).astype(np.int64),
        linear=resistance,
        quadratic=np.zeros(n),
        coupling=np.zeros(n),
        offsets=np.zeros(n + 1, dtype=np.int64),
        abscissas=nothing,
        inverse_areas=nothing,
        density=0.0,
        mixing_time=0.0,
    )
    return TreeNetwork(law, inertance, np.zeros(n), dict(enumerate(leaves, start=1)), 0.0, False)


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
    course = open_course(circuits, times, (0.0, 0.0), inflow=inflow, pressure=pressure)
    return [states[-1] for states, _ in course]


def open_course(
    circuits: Sequence[Circuit],
    times: FloatArray,
    path: Path,
    *,
    inflow: FloatArray | None = None,
    pressure: FloatArray | None = None,
) -> list[tuple[FloatArray, FloatArray | None]]:
    """States (m, n_states) and inflow (m,) of circuits over a periodic cycle.

    Args:
        circuits: The beds.
        times: Equal steps over one cycle, its end included (m,) [s].
        path: What lies between the point they share and each of them.
        inflow: Flow into all of them at these times (m,) [m3/s].
        pressure: Their pressure (m,) [Pa]; if None, what drives ``inflow`` through them.

    Returns:
        One pair a circuit; no flow where nothing resists it.
    """
    speeds = 2j * np.pi / (len(times) * (times[1] - times[0])) * np.arange(len(times) // 2 + 1)
    signals = [np.fft.rfft(circuit.signal_at(times)) for circuit in circuits]
    answers = [
        _answer(circuit, signal, speeds, len(times))
        for circuit, signal in zip(circuits, signals, strict=True)
    ]
    series = path[0] + speeds * path[1]
    answers = [(impedance + series, source) for impedance, source in answers]
    if pressure is None:
        assert inflow is not None
        common = _common_pressure(np.fft.rfft(inflow), answers)
    else:
        common = np.fft.rfft(pressure)
    courses: list[tuple[FloatArray, FloatArray | None]] = []
    for circuit, signal, (impedance, source) in zip(circuits, signals, answers, strict=True):
        if not np.abs(impedance).all():
            courses.append((np.empty((len(times), 0)), None))
            continue
        flow = (common - source) / impedance
        rates = flow[:, None] * circuit.feed + signal[:, None] * circuit.drive
        rates[0] += len(times) * circuit.rest
        systems = speeds[:, None, None] * np.eye(circuit.n_states) - circuit.dynamics
        modes = np.linalg.solve(systems, rates[..., None])[..., 0]
        states = np.fft.irfft(modes, n=len(times), axis=0)
        courses.append((states, np.fft.irfft(flow, n=len(times))))
    return courses


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
