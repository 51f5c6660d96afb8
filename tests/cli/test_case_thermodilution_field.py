"""Virtual thermodilution of a case in its three-dimensional flow."""

import pytest

import corohemo as ch
from corohemo.config import read_case
from corohemo.solvers.environment import require_dolfinx

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem


def test_a_case_carries_saline_through_its_field(tmp_path):
    ch.write_centerline(ch.gallery.tube(3.0, 40.0), tmp_path / "tube.swc", length_unit="mm")
    settings = (
        *("mesh.refinement=0.6", "report.page=false", "report.flow_field=false"),
        *("solver.numerical_error=false", "uncertainty.samples=0", "uncertainty.sobol_base=0"),
        *("case.resting_state=false", "physiology.tree_share=0.5", "indices.wire_mm=30.0"),
        *("thermodilution.on=true", "thermodilution.dimensions=3"),
        *("thermodilution.scalar_degree=1", "thermodilution.time_step_s=5e-3"),
    )
    config = read_case(tmp_path / "tube.swc", length_unit="mm", overrides=settings)
    document = ch.run_case(config, tmp_path / "out").document
    (row,), (vessel,) = document["thermodilution"], document["vessels"]
    assert row["dimensions"] == 3
    assert row["bolus_transit_time_s"] == pytest.approx(vessel["transit_time_s"], rel=0.01)
    assert row["infusion_resistance_wu"] == pytest.approx(row["true_resistance_wu"], rel=0.02)
    assert row["bolus_cfr"] is None
    assert row["notes"]["bolus_cfr"]
    assert document["timing_s"]["thermodilution"] > 0.0
    lines = (tmp_path / "out" / "thermodilution.csv").read_text().splitlines()
    assert {line.split(",")[1] for line in lines[1:]} == {"hyperemic"}
