"""Virtual thermodilution in a three-dimensional flow reads what the indices read."""

import pytest

from corohemo.errors import InputError
from corohemo.indices.compute import compute_indices
from corohemo.indices.ffr import compute_ffr
from corohemo.indices.wire import StateReading
from corohemo.thermodilution import measure_thermodilution
from corohemo.units import WOOD_UNIT


def test_bolus_and_truth_of_a_field_are_its_indices(tools):
    tree = tools.y_tree()
    reading = StateReading.of(tree.solution, tree.lumen, compute_ffr(tree.solution, tree.lumen))
    for vessel in compute_indices(tree.solution, tree.lumen).vessels:
        found = measure_thermodilution(reading, vessel.name, lumen=tree.lumen)
        assert found.bolus.transit_time == pytest.approx(vessel.transit_time_s, rel=5e-3)
        assert found.imr_u == pytest.approx(vessel.imr_ct_u, rel=5e-3)
        assert found.true_resistance / WOOD_UNIT == pytest.approx(
            vessel.microvascular_resistance_wu, rel=1e-9
        )


def test_a_field_without_its_lumen_is_refused(tools):
    tree = tools.y_tree()
    reading = StateReading.of(tree.solution, tree.lumen, compute_ffr(tree.solution, tree.lumen))
    with pytest.raises(InputError, match="needs the lumen"):
        measure_thermodilution(reading, "big")
