"""Random trees: those of feasible kinds get a valid mesh, kissing ones a place and a reason."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import corohemo as ch
from corohemo.gallery import KINDS, RECIPES

COARSE = ch.MeshOptions(refinement=0.6)
FEASIBLE = [kind for kind in KINDS if RECIPES[kind].feasible]


@pytest.fixture(scope="module")
def faults():
    """The checks of ``make validate-trees``, which do not use the mesher's own figures."""
    path = Path(__file__).parents[2] / "benchmarks" / "tree_checks.py"
    spec = importlib.util.spec_from_file_location("tree_checks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.faults


def specimens(kinds):
    """Seeds and kinds of random trees."""
    return st.tuples(st.integers(0, 10**6), st.sampled_from(kinds))


def few(count):
    """Settings for slow examples, the same each time, not shrunk: a seed does not get simpler."""
    return settings(
        max_examples=count,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@few(60)
@given(specimen=specimens(FEASIBLE))
def test_feasible_trees_get_a_valid_mesh(faults, specimen):
    lumen = ch.build_lumen(ch.gallery.random_tree(*specimen))
    assert faults(lumen, ch.mesh_lumen(lumen, COARSE)) == ""


@few(10)
@given(specimen=specimens(["kissing"]))
def test_kissing_trees_are_refused_with_their_place(specimen):
    with pytest.raises(ch.GeometryError, match="touches") as refusal:
        ch.mesh_lumen(ch.build_lumen(ch.gallery.random_tree(*specimen)), COARSE)
    assert refusal.value.branch is not None
    assert refusal.value.abscissa is not None
