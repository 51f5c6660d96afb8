from functools import cache

import pytest

import corohemo as ch


@cache
def straight_lumen():
    return ch.build_lumen(ch.gallery.tube(3.0, 15.0))


@cache
def straight_mesh(refinement=0.8):
    return ch.mesh_lumen(straight_lumen(), ch.MeshOptions(refinement=refinement))


@pytest.fixture
def tube():
    return straight_lumen(), straight_mesh()


@pytest.fixture
def tube_mesh():
    return straight_mesh()


@pytest.fixture
def finer_tube_mesh():
    return straight_mesh(1.5)


@cache
def fork():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    return lumen, ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))


@pytest.fixture
def fork_mesh():
    return fork()[1]
