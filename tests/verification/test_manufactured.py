"""The solver's form converges at its order on curved cells, against manufactured solutions."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.meshing.quality import mesh_quality
from corohemo.solvers.environment import require_dolfinx

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem


@pytest.fixture(scope="module")
def manufactured():
    """The check of ``make validate``, here on its two coarser meshes."""
    path = Path(__file__).parents[2] / "benchmarks" / "verification_manufactured.py"
    spec = importlib.util.spec_from_file_location("verification_manufactured", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_velocity_is_of_third_and_pressure_of_second_order_on_curved_cells(manufactured):
    coarse, fine = (
        manufactured.manufactured_errors(mesh, viscosity=3.0)
        for _, mesh in zip(range(2), manufactured.bend_meshes(), strict=False)
    )
    velocity, pressure = np.log2(np.divide(coarse, fine))
    assert velocity == pytest.approx(3.0, abs=0.15)
    assert pressure == pytest.approx(2.0, abs=0.15)


def test_halving_keeps_the_curved_domain(manufactured):
    meshes = manufactured.bend_meshes()
    first, second = (mesh_quality(next(meshes)) for _ in range(2))
    assert second.volume == pytest.approx(first.volume, rel=1e-12)
    assert second.cells == 8 * first.cells
