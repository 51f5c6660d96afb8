"""Lumens that several mesh tests share."""

import pytest

import corohemo as ch


@pytest.fixture(scope="session")
def stenosed_tube():
    return ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=50))


@pytest.fixture(scope="session")
def bifurcation():
    return ch.build_lumen(ch.gallery.y_bifurcation(angle_deg=60))


@pytest.fixture(scope="session")
def bifurcation_mesh(bifurcation):
    return ch.mesh_lumen(bifurcation)
