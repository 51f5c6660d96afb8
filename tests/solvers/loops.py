"""A heart with one coronary bed behind a tube, by two ways that are not the package's march."""

import numpy as np
from scipy.integrate import solve_ivp

from corohemo.solvers.scales import Scales
from corohemo.solvers.transient_beds import Bed
from corohemo.solvers.transient_loop import LoopPartner

SCALES = Scales(1060.0)
ATRIUM, VENTRICLE, ROOT, ARTERIES = range(4)


def radau(heart, bed, tube, start, cycles, points):
    """The same ordinary differential equation by scipy's Radau, from states at rest.

    States: ventricular volume, pressures of atrium, root and arteries, flow in the aorta, flow in
    the tube, pressures over both compliances of the bed.
    """
    loop, circuit = heart.loop(), bed.circuit()
    elastance = loop.compartments[VENTRICLE].elastance
    size = {name: part.compliance for name, part in enumerate(loop.compartments)}
    mitral, aortic, aorta, periphery = loop.links
    first, second = circuit.capacity
    arterial = circuit.resistance
    middle = 1.0 / (-circuit.dynamics[0, 0] * first)
    last = 1.0 / (circuit.sink[1] * second)
    scale = np.array([1e-4, 1e3, 1e4, 1e4, 1e-4, 1e-6, 1e4, 1e4])

    def valve(drop, link):
        return drop / link.resistance if drop > 0.0 else drop * link.leak

    def rates(t, scaled):
        volume, atrial, root, arteries, flow, through, inner, outer = scaled * scale
        ventricular = float(elastance.at(t)) * volume
        into, out = valve(atrial - ventricular, mitral), valve(ventricular - root, aortic)
        muscle = outer + circuit.squeeze * ventricular
        back, across = (muscle - atrial) / last, (inner - muscle) / middle
        runoff = (arteries - atrial) / periphery.resistance
        return (
            np.array(
                [
                    into - out,
                    (runoff - into + back) / size[ATRIUM],
                    (out - flow - through) / size[ROOT],
                    (flow - runoff) / size[ARTERIES],
                    (root - arteries - aorta.resistance * flow) / aorta.inertance,
                    (root - inner - (tube[0] + arterial) * through) / tube[1],
                    (through - across) / first,
                    (across - back) / second,
                ]
            )
            / scale
        )

    tree, rest = start
    compliances = loop.compliances(0.0)
    pressures = rest.volumes / compliances
    begin = [rest.volumes[VENTRICLE], *pressures[[ATRIUM, ROOT, ARTERIES]], 0.0, 0.0]
    begin = np.append(begin, tree.states[0]) / scale
    end = cycles * heart.period_s
    solution = solve_ivp(
        rates,
        [0.0, end],
        begin,
        method="Radau",
        rtol=1e-10,
        atol=1e-12,
        max_step=2e-3,
        t_eval=np.linspace(0.0, end, cycles * points + 1),
    )
    assert solution.success
    return solution.y[:, 1:] * scale[:, None]


def stepped(heart, bed, tube, start, grid, cycles):
    """The partner of the 3-D solver with a tube of resistance and inertance instead of a mesh.

    Returns:
        Flows (n,), pressures and volumes of the compartments (n, 4), blood in the bed (n,).
    """
    outlet = Bed(bed.circuit(), grid=grid, start=start.beds[0])
    partner = LoopPartner(heart.loop(), [outlet], start.loop, grid=grid, scales=SCALES)
    past = [float(start.course[-1, -1])]
    rows = []
    partner.begin(np.array([-past[0], past[0]]) / SCALES.flow)
    for step in range(cycles * grid.n_steps):
        newest, *older = grid.differences(step, len(past))
        length = grid.step(step)
        history = sum(w * q for w, q in zip(older, past, strict=True)) / length
        flow = past[0]
        for _ in range(10):
            offsets, response = partner.lines(step, np.array([-flow, flow]) / SCALES.flow)
            drop = (offsets[0] - offsets[1]) * SCALES.pressure
            slope = (response[0] - response[1]) @ [-1.0, 1.0] * SCALES.resistance
            flow = (drop - tube[1] * history) / (tube[0] + tube[1] * newest / length - slope)
            flows = np.array([-flow, flow]) / SCALES.flow
            if partner.holds(flows):
                break
        else:
            raise AssertionError(f"the valves do not settle in step {step}")
        partner.accept(flows)
        past = [flow, *past[:1]]
        series = partner.series
        rows.append([flow, *series.pressures[-1], *series.volumes[-1], series.bed_volumes[-1]])
    found = np.array(rows)
    return found[:, 0], found[:, 1:5], found[:, 5:9], found[:, 9]
