"""Adverse characteristics, plaque forces and dominance of lesions."""

import numpy as np
import pytest

from corohemo.errors import ConfigError
from corohemo.indices.adverse import AdverseThresholds, adverse_characteristics
from corohemo.indices.compute import compute_indices
from corohemo.indices.results import LesionIndices
from corohemo.lumen import Lesion


def lesion(gradients=(0.2, 0.1), **values):
    shape = Lesion("LAD-1", "LAD", 0.01, 0.015, 0.02, 50.0, 75.0, 2e-6, 3e-3, *gradients)
    numbers = {
        "ffr_ct": 0.82, "ffr_ct_position": 0.035, "delta_ffr": 0.05, "wss_mean_pa": 12.0,
        "wss_max_pa": 40.0, "aps_upstream_pa": 900.0, "aps_downstream_pa": 700.0,
        "aps_net_pa": 90.0,
    }  # fmt: skip
    return LesionIndices(lesion=shape, **(numbers | values))


def adverse(item, **thresholds):
    rows = adverse_characteristics(item, thresholds=AdverseThresholds(**thresholds))
    return {row.name: row.is_adverse for row in rows}


def test_characteristics_are_adverse_at_their_cutoffs():
    assert adverse(lesion()) == dict.fromkeys(("ffr_ct", "delta_ffr", "wss", "aps"), False)
    at = lesion(ffr_ct=0.80, delta_ffr=0.06, wss_mean_pa=15.47, aps_net_pa=160.66)
    assert adverse(at) == dict.fromkeys(("ffr_ct", "delta_ffr", "wss", "aps"), True)


def test_the_averaging_of_plaque_stress_is_a_choice_that_is_told():
    item = lesion(aps_mean_magnitude_pa=500.0)
    assert not adverse(item)["aps"]
    assert adverse(item, aps_average="magnitude")["aps"]
    assert adverse(item, aps_average="upstream")["aps"]
    row = adverse_characteristics(item)[-1]
    assert "signed mean" in row.averaging
    with pytest.raises(ConfigError, match="net, magnitude, upstream"):
        AdverseThresholds(aps_average="peak")


def test_what_was_not_computed_is_not_judged():
    assert adverse(lesion(wss_mean_pa=None))["wss"] is None


def test_dominance_follows_the_radius_gradients():
    assert lesion((0.2, 0.1)).is_upstream_dominant
    assert not lesion((0.1, 0.2)).is_upstream_dominant


def test_force_on_the_lesion_is_stress_times_wall(tools):
    """In Poiseuille flow aps is the wall shear everywhere, so a force is shear times area."""
    tree = tools.y_tree(lesions=(tools.make_lesion(5e-3, 8e-3, 12e-3, branch="trunk"),))
    item = compute_indices(tree.solution, tree.lumen).lesions[0]
    radius = tree.radii[0]
    shear = 4 * 3.5e-3 * tree.flows[0] / (np.pi * radius**3)
    assert item.axial_force_upstream_n == pytest.approx(shear * 2 * np.pi * radius * 3e-3, rel=5e-3)
    assert item.axial_force_downstream_n == pytest.approx(
        shear * 2 * np.pi * radius * 4e-3, rel=5e-3
    )
    assert item.aps_mean_magnitude_pa == pytest.approx(shear, rel=2e-3)
