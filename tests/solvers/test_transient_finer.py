"""Runs whose time steps were too long for Newton's method."""

import dataclasses

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.transient_checkpoint import halvings_in
from corohemo.solvers.transient_finer import MOST_HALVINGS, halved

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

STEPS = 8
HASTY = ch.TransientOptions(
    steps_per_cycle=STEPS, max_iterations=12, max_cycles=1, min_cycles=1, wall_statistics=False
)


def boundaries():
    """A flow that turns round, which eight steps a cycle do not follow."""
    inflow = ch.Waveform.from_fourier(0.8, [60.0, 150.0])
    return ch.Boundaries(inlet=ch.FlowInlet(inflow), outlets={"*": ch.PressureOutlet(80.0)})


def test_run_with_too_long_steps_is_that_with_shorter_ones(tube_mesh, caplog):
    found = ch.solve_flow(tube_mesh, boundaries(), HASTY)
    n = found.steps_per_cycle
    assert n in {STEPS * 2**k for k in range(1, MOST_HALVINGS + 1)}
    assert f"{n // STEPS} steps for each one asked for" in found.message
    assert "half as long" in caplog.text
    asked = ch.solve_flow(tube_mesh, boundaries(), dataclasses.replace(HASTY, steps_per_cycle=n))
    assert found.flows == pytest.approx(asked.flows, rel=1e-9)
    assert found.pressures == pytest.approx(asked.pressures, rel=1e-7)


def test_run_that_no_steps_help_is_refused(tube_mesh):
    options = dataclasses.replace(HASTY, max_iterations=1, tolerance=1e-9)
    with pytest.raises(ch.NotConvergedError, match=r"Time step .* did not converge.*more steps"):
        ch.solve_flow(tube_mesh, boundaries(), options)


def test_resumed_run_keeps_the_shorter_steps(tube_mesh, tmp_path):
    options = dataclasses.replace(HASTY, checkpoint=tmp_path / "state.npz")
    first = ch.solve_flow(tube_mesh, boundaries(), options)
    assert STEPS * 2 ** halvings_in(tmp_path / "state.npz") == first.steps_per_cycle
    longer = dataclasses.replace(options, max_cycles=2, min_cycles=2)
    resumed = ch.solve_flow(tube_mesh, boundaries(), longer)
    assert resumed.steps_per_cycle == first.steps_per_cycle
    assert np.array_equal(resumed.flows[: len(first.flows)], first.flows)


def test_half_a_graded_step_makes_an_eighth_of_the_error():
    options = ch.TransientOptions(step_tolerance=8e-3, steps_per_cycle=50)
    assert halved(options, 0) == options
    assert halved(options, 1) == dataclasses.replace(
        options, step_tolerance=1e-3, steps_per_cycle=100
    )
