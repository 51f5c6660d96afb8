"""Territories, maps and flows of the synthetic left ventricle."""

from dataclasses import replace

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import FileFormatError, GeometryError, InputError, UnitError
from corohemo.perfusion import (
    PerfusionThresholds,
    VoxelMap,
    assign_territories,
    fermi_deconvolution,
    perfusion_by_territory,
    perfusion_mismatch,
    perfusion_reserve,
    read_nifti_map,
    synthetic_ventricle,
    transmural_depth,
    transmural_ratio,
    write_nifti_map,
)

FLOWS = {"dLAD": 70.0, "D2": 110.0, "D1": 150.0, "dCx": 120.0, "OM2": 130.0, "OM1": 140.0}


@pytest.fixture(scope="module")
def lumen():
    return ch.build_lumen(ch.gallery.left_tree())


@pytest.fixture(scope="module")
def ventricle(lumen):
    return synthetic_ventricle(lumen, FLOWS)


@pytest.fixture(scope="module")
def stress(ventricle):
    return perfusion_by_territory(
        ventricle.blood_flow, ventricle.territories, state="hyperemic", depth=ventricle.depth
    )


def test_mass_is_that_of_the_shell(lumen):
    fine = synthetic_ventricle(lumen, 100.0, voxel_mm=1.5)
    volume = 2 / 3 * np.pi * (36 * 33 * 80 - 26 * 23 * 70) / 1000
    assert sum(fine.territories.masses_g.values()) == pytest.approx(1.05 * volume, rel=0.02)


VESSELS = {
    "terminal": (("dLAD",), ("D2",), ("D1",), ("dCx",), ("OM2",), ("OM1",)),
    "vessel": (("LM", "pLAD", "mLAD", "dLAD"), ("D2",), ("D1",), ("pCx", "mCx", "dCx"), ("OM2",),
               ("OM1",)),
}  # fmt: skip


@pytest.mark.parametrize("feeders", VESSELS)
def test_every_voxel_belongs_to_the_nearest_vessel(lumen, ventricle, feeders):
    territories = assign_territories(lumen, ventricle.mask, feeders=feeders)
    voxels = territories.grid.positions(territories.mask)
    assert [names[-1] for names in VESSELS[feeders]] == list(lumen.outlet_names)
    gaps = []
    for names in VESSELS[feeders]:
        points = np.concatenate([lumen.branch(name).points for name in names])
        gaps.append(np.linalg.norm(voxels[:, None] - points, axis=2).min(axis=1))
    np.testing.assert_array_equal(territories.labels, np.argmin(gaps, axis=0))
    np.testing.assert_allclose(territories.distances, np.min(gaps, axis=0))


def test_geodesic_territories_go_around_the_cavity(lumen, ventricle):
    geodesic = assign_territories(lumen, ventricle.mask, metric="geodesic")
    assert 0.75 < np.mean(geodesic.labels == ventricle.territories.labels) < 1.0
    near = ventricle.territories.distances < 10e-3
    assert np.mean((geodesic.labels == ventricle.territories.labels)[near]) > 0.95
    assert np.all(geodesic.distances > ventricle.territories.distances - 5e-3)


def test_geodesic_distance_in_a_straight_bar_is_its_length():
    lumen = ch.build_lumen(ch.gallery.tube(3.0, 20.0))
    end = lumen.branches[0].points[-1]
    values = np.zeros((40, 3, 3))
    values[:, 1, 1] = 1.0
    affine = np.diag([1e-3, 1e-3, 1e-3, 1.0])
    affine[:3, 3] = end - np.array([0.0, 1e-3, 1e-3])
    bar = assign_territories(lumen, VoxelMap(values, affine), metric="geodesic")
    np.testing.assert_allclose(bar.distances, 1e-3 * np.arange(40), atol=1e-9)


def test_flow_of_a_territory_is_its_integral(ventricle, stress):
    volumes = ventricle.territories.volumes_ml
    for row in stress.rows:
        assert row.blood_flow == pytest.approx(FLOWS[row.outlet], rel=1e-12)
        assert row.flow_ml_min == pytest.approx(FLOWS[row.outlet] / 100 * volumes[row.outlet])
        assert row.relative == pytest.approx(FLOWS[row.outlet] / 150.0)
        assert row.transmural_ratio == pytest.approx(1.1, abs=0.04)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("mL/mL/min", 0.01), ("mL/100 g/min", 1 / 1.05), ("mL/g/min", 0.01 / 1.05)],
)
def test_a_map_in_another_unit_gives_the_same_flow(ventricle, stress, unit, factor):
    flow = ventricle.blood_flow
    other = replace(flow, values=factor * flow.values)
    found = perfusion_by_territory(other, ventricle.territories, state="hyperemic", unit=unit)
    assert found.flow_ml_min == pytest.approx(stress.flow_ml_min, rel=1e-12)
    assert [row.blood_flow for row in found.rows] == pytest.approx(
        [row.blood_flow for row in stress.rows], rel=1e-12
    )


@pytest.mark.parametrize("unit", ["mL/100 mL/min", "mL/100 g/min"])
def test_a_map_per_gram_that_is_read_as_per_hundred_is_refused(ventricle, unit):
    flow = ventricle.blood_flow
    per_gram = replace(flow, values=flow.values / 105.0)
    with pytest.raises(InputError, match="no living ventricle"):
        perfusion_by_territory(per_gram, ventricle.territories, state="hyperemic", unit=unit)
    with pytest.raises(InputError, match="no living ventricle"):
        perfusion_by_territory(flow, ventricle.territories, state="hyperemic", unit="mL/g/min")


def test_voxels_that_are_not_finite_have_no_value(ventricle, stress):
    flow, territories = ventricle.blood_flow, ventricle.territories
    values = flow.values.copy()
    inside = np.flatnonzero(territories.mask)
    values.flat[inside[::20]] = np.inf
    found = perfusion_by_territory(replace(flow, values=values), territories, state="hyperemic")
    for row, whole in zip(found.rows, stress.rows, strict=True):
        assert row.without_value == pytest.approx(0.05, abs=0.03)
        assert row.blood_flow == pytest.approx(whole.blood_flow, rel=0.02)


def test_flow_is_recovered_from_noisy_curves(ventricle):
    curves = ventricle.curves(np.arange(0.0, 36.0, 1.0), signal_to_noise=20.0, seed=2)
    found = perfusion_by_territory(
        ventricle.filled(6000 * fermi_deconvolution(curves).flow),
        ventricle.territories,
        state="hyperemic",
    )
    for row in found.rows:
        assert row.blood_flow == pytest.approx(FLOWS[row.outlet], rel=0.03)


def test_a_stress_map_sets_the_outlet_flows_as_they_are(lumen, stress):
    flow = stress.flow_source().estimate(lumen)
    states = ch.boundaries_from_flow(lumen, flow, mean_aortic_pressure_mmhg=90.0)
    solution = ch.solve_reduced(lumen, states.hyperemic)
    for name, wanted in stress.flow_ml_min.items():
        assert solution.face_flow_ml_min(f"outlet:{name}") == pytest.approx(wanted)
    assert states.hyperemic.flow_source == "perfusion"
    with pytest.raises(ch.ConfigError, match="not scaled"):
        ch.boundaries_from_flow(
            lumen, flow, mean_aortic_pressure_mmhg=90.0, hyperemia=ch.ConstantIndex(0.24)
        )


def test_stress_over_rest_is_the_reserve_of_each_territory(lumen, ventricle, stress):
    resting = perfusion_by_territory(
        replace(ventricle.blood_flow, values=ventricle.blood_flow.values / 2.5),
        ventricle.territories,
        state="resting",
    )
    response = perfusion_reserve(stress, resting)
    assert response.perfusion_reserve == pytest.approx(dict.fromkeys(FLOWS, 2.5))
    with pytest.raises(InputError, match="hyperemic and a resting map"):
        perfusion_reserve(resting, stress)
    low = perfusion_reserve(replace(resting, state="hyperemic"), replace(stress, state="resting"))
    with pytest.raises(InputError, match="below the resting flow"):
        low.response(lumen)


def test_scaling_to_a_total_keeps_the_shares(stress):
    scaled = stress.scaled_to(300.0)
    assert sum(scaled.flow_ml_min.values()) == pytest.approx(300.0)
    ratios = [scaled.flow_ml_min[k] / stress.flow_ml_min[k] for k in stress.flow_ml_min]
    assert np.ptp(ratios) < 1e-12
    assert "scaled by" in " ".join(scaled.flow_source().notes)


def test_mismatch_names_the_pattern(lumen, stress):
    ffr = {"dLAD": 0.9, "D2": 0.7, "D1": 0.7, "OM1": 0.9}
    rows = {row.outlet: row for row in perfusion_mismatch(stress, lumen, ffr=ffr)}
    patterns = {name: rows[name].pattern for name in (*ffr, "dCx")}
    assert patterns == {
        "dLAD": "microvascular",
        "D2": "compensated",
        "D1": "compensated",
        "OM1": "matched_normal",
        "dCx": "unknown",
    }
    strict = PerfusionThresholds(absolute=115.0, transmural=1.2)
    low = {r.outlet: r for r in perfusion_mismatch(stress, lumen, ffr=ffr, thresholds=strict)}
    assert low["D2"].pattern == "epicardial"
    assert len(low["dLAD"].reasons) == 3
    total = sum(stress.flow_ml_min.values())
    shares = [row.share_ratio for row in rows.values()]
    weights = [stress.flow_ml_min[row.outlet] / total / row.share_ratio for row in rows.values()]
    assert sum(weights) == pytest.approx(1.0)
    assert min(shares) < 1 < max(shares)


def test_voxels_out_of_reach_belong_to_no_outlet(lumen, ventricle):
    near = assign_territories(lumen, ventricle.mask, reach_mm=25.0)
    assert near.unassigned_ml > 1.0
    whole = ventricle.territories
    assert sum(near.volumes_ml.values()) + near.unassigned_ml == pytest.approx(
        sum(whole.volumes_ml.values())
    )
    assert near.distances[near.labels >= 0].max() <= 25e-3


@pytest.mark.parametrize("coordinates", ["ras", "lps"])
def test_nifti_map_returns_in_the_tree_s_system(tmp_path, ventricle, coordinates):
    pytest.importorskip("nibabel")
    path = tmp_path / "mbf.nii.gz"
    write_nifti_map(ventricle.blood_flow, path, coordinates=coordinates)
    back = read_nifti_map(path, coordinates=coordinates)
    np.testing.assert_array_equal(back.values, ventricle.blood_flow.values)
    np.testing.assert_allclose(back.affine, ventricle.blood_flow.affine, atol=1e-9)
    other = read_nifti_map(path, coordinates="ras" if coordinates == "lps" else "lps")
    np.testing.assert_allclose(other.affine[:2], -back.affine[:2], atol=1e-9)


def test_nifti_without_place_or_unit_is_refused(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    path = tmp_path / "map.nii"
    image = nibabel.Nifti1Image(np.zeros((3, 3, 3)), np.eye(4))
    nibabel.save(image, path)
    with pytest.raises(UnitError, match="length unit"):
        read_nifti_map(path, coordinates="ras")
    read_nifti_map(path, coordinates="ras", length_unit="mm")
    image.header.set_xyzt_units("mm")
    image.set_sform(None, 0)
    image.set_qform(None, 0)
    nibabel.save(image, path)
    with pytest.raises(InputError, match="neither a qform nor an sform"):
        read_nifti_map(path, coordinates="ras")
    with pytest.raises(InputError, match="'ras' or 'lps'"):
        read_nifti_map(path, coordinates="xyz")
    path.write_text("no image")
    with pytest.raises(FileFormatError):
        read_nifti_map(path, coordinates="ras")
    with pytest.raises(InputError, match="no such file"):
        read_nifti_map(tmp_path / "none.nii", coordinates="ras")


def test_depth_in_a_spherical_shell_is_its_radius_to_half_a_voxel():
    axis = np.arange(-22.0, 23.0)
    radius = np.sqrt(sum(part**2 for part in np.meshgrid(axis, axis, axis)))
    affine = np.diag([1e-3, 1e-3, 1e-3, 1.0])
    wall, blood = (radius > 10) & (radius <= 20), radius <= 10
    depth = transmural_depth(VoxelMap(wall * 1.0, affine), VoxelMap(blood * 1.0, affine))
    np.testing.assert_allclose(depth, (radius[wall] - 10) / 10, atol=0.0501)
    with pytest.raises(InputError, match="share"):
        transmural_depth(VoxelMap(wall * 1.0, affine), VoxelMap((radius <= 12) * 1.0, affine))


def moved(voxels, by_mm):
    affine = voxels.affine.copy()
    affine[:3, 3] += 1e-3 * by_mm
    return replace(voxels, affine=affine)


def test_tree_and_mask_apart_are_refused(lumen, ventricle):
    with pytest.raises(InputError, match="tree and mask are apart"):
        assign_territories(lumen, moved(ventricle.mask, 200.0))


def test_impossible_maps_are_refused(lumen, ventricle):
    territories, flow = ventricle.territories, ventricle.blood_flow
    negative = replace(flow, values=-flow.values)
    with pytest.raises(InputError, match="negative blood flow"):
        perfusion_by_territory(negative, territories, state="resting")
    empty = replace(flow, values=np.full_like(flow.values, np.nan))
    with pytest.raises(InputError, match="have no blood flow"):
        perfusion_by_territory(empty, territories, state="resting")
    patchy = np.where(np.arange(flow.values.size) % 3, flow.values.ravel(), 0.0)
    zeros = replace(flow, values=patchy.reshape(flow.values.shape))
    with pytest.raises(InputError, match="exactly zero"):
        perfusion_by_territory(zeros, territories, state="resting")
    with pytest.raises(ch.ConfigError, match="unit of a perfusion map"):
        perfusion_by_territory(flow, territories, state="resting", unit="mL/min")
    with pytest.raises(InputError, match="elsewhere in space"):
        perfusion_by_territory(moved(flow, 5.0), territories, state="resting")
    with pytest.raises(InputError, match="resample one"):
        perfusion_by_territory(replace(flow, values=flow.values[1:]), territories, state="resting")
    with pytest.raises(ch.ConfigError, match="state of a perfusion map"):
        perfusion_by_territory(flow, territories, state="stress")
    with pytest.raises(InputError, match="0 and 1 only"):
        assign_territories(lumen, flow)
    with pytest.raises(InputError, match="depth has"):
        transmural_ratio(flow, territories, ventricle.depth[:-1])
    with pytest.raises(GeometryError, match="narrower than the cut-off"):
        assign_territories(lumen, ventricle.mask, minimum_diameter_mm=3.0)


def test_loose_voxels_have_no_geodesic_territory(lumen, ventricle):
    values = ventricle.mask.values.copy()
    values[0, 0, 0] = 1.0
    with pytest.raises(InputError, match="cut off from every vessel"):
        assign_territories(lumen, replace(ventricle.mask, values=values), metric="geodesic")


@pytest.mark.parametrize("value", [np.nan, -0.1, "0.9"])
def test_an_ffr_that_is_no_number_is_refused_and_none_is_unknown(lumen, stress, value):
    with pytest.raises(InputError, match="FFR of outlet 'dLAD'"):
        perfusion_mismatch(stress, lumen, ffr={"dLAD": value})
    assert perfusion_mismatch(stress, lumen, ffr={"dLAD": None})[0].pattern == "unknown"


def test_territories_of_another_lumen_are_refused(stress):
    with pytest.raises(InputError, match="the lumen has the outlets"):
        perfusion_mismatch(stress, ch.build_lumen(ch.gallery.tube(3.0, 40.0)))


def test_a_territory_without_voxels_says_so(lumen, ventricle):
    near = assign_territories(lumen, ventricle.mask, reach_mm=1.0)
    assert min(near.volumes_ml.values()) == 0
    with pytest.raises(InputError, match="holds no voxel of the mask"):
        perfusion_by_territory(ventricle.blood_flow, near, state="hyperemic")


def test_an_outer_third_without_flow_has_no_transmural_ratio(ventricle):
    values = ventricle.blood_flow.values.copy()
    wall = np.zeros(int(ventricle.territories.mask.sum()))
    wall[ventricle.depth < 0.5] = 100.0
    values[ventricle.territories.mask] = wall
    still = VoxelMap(values, ventricle.blood_flow.affine)
    assert set(transmural_ratio(still, ventricle.territories, ventricle.depth).values()) == {None}


def test_a_series_of_one_image_is_a_map_and_colors_are_none(tmp_path):
    nibabel = pytest.importorskip("nibabel")

    def write(name, values):
        image = nibabel.Nifti1Image(values, np.diag([2.0, 2.0, 2.0, 1.0]))
        image.header.set_xyzt_units("mm")
        nibabel.save(image, tmp_path / name)
        return tmp_path / name

    one = np.arange(8.0).reshape(2, 2, 2, 1)
    read = read_nifti_map(write("one.nii", one), coordinates="ras")
    np.testing.assert_array_equal(read.values, one[..., 0])
    with pytest.raises(InputError, match=r"two.nii.*three axes, got 4"):
        read_nifti_map(write("two.nii", np.ones((2, 2, 2, 2))), coordinates="ras")
    with pytest.raises(FileFormatError, match="colors or complex"):
        read_nifti_map(write("z.nii", np.ones((2, 2, 2), dtype=np.complex64)), coordinates="ras")
