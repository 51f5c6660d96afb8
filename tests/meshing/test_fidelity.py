"""A valid mesh must also be a mesh of the lumen it was made from."""

import dataclasses

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import MeshingError
from corohemo.gallery import labelled_tree
from corohemo.meshing import lumen_mesher
from corohemo.meshing.fidelity import check_caps, check_wall
from corohemo.meshing.quality import mesh_quality


@pytest.fixture(scope="module")
def tube():
    lumen = ch.build_lumen(ch.gallery.tube(3.0, 20.0))
    return lumen, ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5))


def wider(lumen, factor):
    """The lumen with its radii times ``factor``."""
    branches = (dataclasses.replace(b, radii=factor * b.radii) for b in lumen.branches)
    return dataclasses.replace(lumen, branches=tuple(branches))


def test_caps_of_another_area_are_refused_by_name(tube):
    lumen, mesh = tube
    check_caps(mesh, lumen)
    with pytest.raises(MeshingError, match=r"cap inlet has 98\.\d % of the section's area"):
        check_caps(mesh, wider(lumen, 1.01))


def test_wall_drawn_back_is_refused_with_its_place(tube):
    lumen, mesh = tube
    nodes = np.unique(mesh.facets[mesh.facet_face == 2])
    off, is_swept = np.zeros(len(nodes)), np.ones(len(nodes), dtype=bool)
    check_wall(mesh, lumen, nodes, off, is_swept)
    off[5] = 0.2e-3
    with pytest.raises(MeshingError, match="13 % of the radius off the lumen") as refused:
        check_wall(mesh, lumen, nodes, off, is_swept)
    assert refused.value.abscissa == pytest.approx(mesh.node_abscissa[nodes[5]])


def test_layers_of_another_volume_are_refused(tube, monkeypatch):
    lumen, _ = tube
    check = lumen_mesher.check_spans

    def against_wider(volumes, lumen, tubes, spans, disk):
        tubes = tuple(dataclasses.replace(t, radii=1.015 * t.radii) for t in tubes)
        check(volumes, lumen, tubes, spans, disk)

    monkeypatch.setattr(lumen_mesher, "check_spans", against_wider)
    with pytest.raises(MeshingError, match=r"the mesh has 97\.\d % of the lumen's volume"):
        ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5))


@pytest.mark.parametrize("seed", [873, 2253])
def test_abrupt_jumps_of_the_radius_are_meshed_at_the_wanted_size(seed):
    tree, kind = labelled_tree(seed)
    mesh = ch.mesh_lumen(ch.build_lumen(tree), ch.MeshOptions(refinement=0.6))
    assert kind == "jumping"
    assert not any("times finer" in note for note in mesh.notes)


@pytest.mark.parametrize("inwards", [-0.15, 0.15])
def test_volume_of_a_bend_whose_path_runs_beside_the_centroid_is_known(inwards):
    lumen = ch.build_lumen(ch.gallery.bend(3.0, 5.0, 90.0, straight_mm=4.0))
    (branch,) = lumen.branches
    turns = np.gradient(branch.tangents, axis=0)
    turn = [np.sum(turns * axis) for axis in (branch.normals, branch.binormals)]
    polar = np.tile(inwards * np.array(turn) / np.hypot(*turn), (len(branch.radii), 1))
    eccentric = dataclasses.replace(lumen, branches=(dataclasses.replace(branch, polar=polar),))
    mesh = ch.mesh_lumen(eccentric)
    assert mesh.notes == ()
    circular = mesh_quality(ch.mesh_lumen(lumen)).volume
    arc, straight = 0.5 * np.pi * 5.0, 2 * 4.0
    lost = inwards * 1.5 / 5.0 * arc / (arc + straight)
    assert mesh_quality(mesh).volume / circular == pytest.approx(1.0 - lost, abs=0.003)
