"""Wall shear stress by sectors."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.indices.wall_sectors import sector_wall_shear
from corohemo.indices.wall_shear import compute_wall_shear


def test_sectors_share_out_all_area_and_force(tools):
    tube = tools.poiseuille_tube()
    wall = compute_wall_shear(tube.solution, tube.lumen)
    sectors = sector_wall_shear(wall, tube.lumen)
    assert sectors.area.sum() == pytest.approx(wall.weights.sum(), rel=1e-12)
    assert sectors.area @ sectors.wss == pytest.approx(wall.weights @ wall.magnitude, rel=1e-12)
    assert len(sectors.key) == 8 * round(tube.length / 3e-3)


def test_means_of_sectors_share_out_and_leave_out_what_is_not_known(tools):
    tube = tools.poiseuille_tube()
    wall = compute_wall_shear(tube.solution, tube.lumen)
    sectors = sector_wall_shear(wall, tube.lumen)
    assert np.allclose(sectors.mean(wall.magnitude), sectors.wss, rtol=1e-13)
    places = sectors.mean(wall.abscissa)
    assert sectors.area @ places == pytest.approx(wall.weights @ wall.abscissa, rel=1e-12)
    unknown = np.where(wall.abscissa < 10e-3, np.nan, 7.0)
    means = sectors.mean(unknown)
    assert np.all(np.isnan(means[sectors.abscissa < 8e-3]))
    assert np.allclose(means[sectors.abscissa > 12e-3], 7.0, rtol=1e-13)


def test_a_stress_that_turns_with_the_angle_is_found_at_its_angle(tools):
    tube = tools.poiseuille_tube()
    wall = compute_wall_shear(tube.solution, tube.lumen)
    first = tube.lumen.branches[0]
    along = np.array([1.0, 0.0, 0.0])
    side = (wall.points - first.points[0]) @ first.normals[0] / tube.radius
    turned = replace(wall, traction=(2.0 + side)[:, None] * along)
    sectors = sector_wall_shear(turned, tube.lumen)
    expected = 2.0 + np.cos(sectors.angle) * np.sin(np.pi / 8) / (np.pi / 8)
    assert np.allclose(sectors.wss, expected, atol=0.05)


def test_pieces_share_the_wall_among_narrow_sectors_by_their_size(tools):
    tube = tools.poiseuille_tube()

    def unevenness(at):
        wall = compute_wall_shear(tube.solution, tube.lumen, at=at)
        area = sector_wall_shear(wall, tube.lumen, length_mm=1.0, angle_deg=30.0).area
        return np.abs(area / area.mean() - 1.0).max()

    assert unevenness("pieces") < 0.3
    assert unevenness("facets") > 0.5


def test_poiseuille_shear_is_the_same_in_every_sector(tools):
    tube = tools.poiseuille_tube()
    sectors = sector_wall_shear(compute_wall_shear(tube.solution, tube.lumen), tube.lumen)
    assert np.allclose(sectors.wss, tube.shear, rtol=1e-3)


@pytest.mark.parametrize("size", [{"length_mm": 0.0}, {"angle_deg": -1.0}, {"angle_deg": 400.0}])
def test_impossible_sectors_are_refused(tools, size):
    tube = tools.poiseuille_tube()
    wall = compute_wall_shear(tube.solution, tube.lumen)
    with pytest.raises(InputError):
        sector_wall_shear(wall, tube.lumen, **size)
