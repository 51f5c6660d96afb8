"""Fractional flow reserve on exact pressure fields."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.errors import GeometryError, InputError
from corohemo.indices.ffr import (
    compute_ffr,
    main_path,
    pullback_pressure_gradient,
)
from corohemo.indices.sampling import branch_flows, face_means
from corohemo.lumen import Lumen
from corohemo.units import MMHG

VISCOSITY = 3.5e-3


def test_ffr_is_one_at_the_ostium(tools):
    (pullback,) = compute_ffr(tools.poiseuille_tube().solution, tools.poiseuille_tube().lumen)
    assert pullback.ffr[0] == 1.0


def test_poiseuille_drop_is_exact(tools):
    tube = tools.poiseuille_tube()
    (pullback,) = compute_ffr(tube.solution, tube.lumen)
    drop = 8 * VISCOSITY * tube.flow * pullback.abscissa / (np.pi * tube.radius**4)
    assert np.allclose(pullback.ffr, 1 - drop / (90 * MMHG), rtol=0, atol=1e-12)
    assert np.allclose(pullback.flow, tube.flow, rtol=1e-3)


def test_sections_are_as_far_apart_as_asked_and_hold_both_ends(tools):
    tube = tools.poiseuille_tube()
    (pullback,) = compute_ffr(tube.solution, tube.lumen)
    assert np.allclose(np.diff(pullback.abscissa), 0.5e-3, atol=1e-9)
    assert pullback.abscissa[[0, -1]] == pytest.approx([0.0, tube.length])


def test_faces_give_area_mean_pressure_and_flow(tools):
    tree = tools.y_tree()
    assert face_means(tree.solution, "inlet")[1] == pytest.approx(tree.flows[0], rel=1e-3)
    for name, flow, pressure in zip(
        ("big", "small"), tree.flows[1:], tree.outlet_pressures, strict=True
    ):
        assert face_means(tree.solution, f"outlet:{name}") == pytest.approx(
            (pressure, flow), rel=1e-3
        )
    assert branch_flows(tree.solution, tree.lumen) == pytest.approx(tree.flows, rel=1e-3)


def test_ffr_moves_with_the_vessel(tools):
    tube = tools.poiseuille_tube()
    turn, shift = tools.rotation(2.0, np.array([0.48, 0.6, 0.64])), np.array([0.3, 0.1, -0.2])
    moved = replace(
        tube.solution,
        mesh=tools.moved_mesh(tube.mesh, turn, shift),
        velocity=tube.solution.velocity @ turn.T,
    )
    lumen = Lumen((tools.moved_branch(tube.lumen.branches[0], turn, shift),), ())
    (one,), (other,) = compute_ffr(tube.solution, tube.lumen), compute_ffr(moved, lumen)
    assert np.allclose(one.ffr, other.ffr, rtol=0, atol=1e-10)
    assert np.allclose(one.flow, other.flow, rtol=1e-4)


def test_daughters_start_at_their_parents_end_pressure(tools):
    tree = tools.y_tree()
    pullbacks = compute_ffr(tree.solution, tree.lumen)
    joint = tree.joint_pressure / (90 * MMHG)
    assert pullbacks[0].ffr[-1] == pytest.approx(joint, abs=1e-4)
    for pullback, outlet in zip(pullbacks[1:], tree.outlet_pressures, strict=True):
        assert pullback.ffr[0] == pytest.approx(joint, abs=2e-4)
        assert pullback.ffr[-1] == pytest.approx(outlet / (90 * MMHG), rel=1e-12)


def test_main_path_follows_the_widest_daughter(tools):
    tree = tools.y_tree()
    assert main_path(tree.lumen, 0) == (0, 1)
    assert main_path(tree.lumen, 2) == (0, 2)


def test_ppg_is_one_where_the_drop_is_focal_and_low_where_diffuse():
    abscissa = np.linspace(0, 100e-3, 201)
    focal = np.where(abscissa < 50e-3, 1.0, 0.7)
    diffuse = 1.0 - 0.3 * abscissa / abscissa[-1]
    assert pullback_pressure_gradient(abscissa, focal) == pytest.approx(1.0, abs=0.02)
    assert pullback_pressure_gradient(abscissa, diffuse) == pytest.approx(0.1, abs=0.01)


def test_ppg_of_a_flat_pullback_is_not_computed():
    abscissa = np.linspace(0, 50e-3, 101)
    assert pullback_pressure_gradient(abscissa, 1 - 0.1 * abscissa) is None


def test_another_lumen_is_refused(tools):
    tube, tree = tools.poiseuille_tube(), tools.y_tree()
    with pytest.raises(InputError, match="give the lumen that was meshed"):
        compute_ffr(tube.solution, tree.lumen)


def test_a_section_outside_the_mesh_is_refused(tools):
    tube = tools.poiseuille_tube()
    shifted = tools.moved_branch(tube.lumen.branches[0], np.eye(3), np.array([5e-3, 0, 0]))
    with pytest.raises(GeometryError, match="Branch main"):
        compute_ffr(tube.solution, Lumen((shifted,), ()))


def test_an_inlet_without_pressure_is_refused(tools):
    tube = tools.poiseuille_tube(inlet_pressure=0.0)
    with pytest.raises(InputError, match="FFR needs a positive"):
        compute_ffr(tube.solution, tube.lumen)
